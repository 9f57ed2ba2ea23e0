// Gives each named document to the real AsyncAPI parser; prints the errors of each as one JSON list.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

const ERROR = 0; // of warnings, hints and advice there is no end

async function errors(path) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
  const found = diagnostics.filter(({ severity }) => severity === ERROR);
  return { accepted: document !== undefined, errors: found.map(({ path, message }) => `${path.join("/")}: ${message}`) };
}

Promise.all(process.argv.slice(2).map(errors)).then((all) => console.log(JSON.stringify(all)));
