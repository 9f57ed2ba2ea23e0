"""How the broker of the tests is configured, and what its Java and its log are told."""

LOG4J = """
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %m (%c)%n%throwable{short.message}
logger.config.name = org.apache.kafka.clients
logger.config.level = ERROR
"""
QUICK_JAVA = ("-XX:TieredStopAtLevel=1",)
"""The first compiler only: a broker of a few tests never earns back what the second costs."""

# One node, one replica, and nothing that is deleted, refused or delayed behind a test's back.
PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "auto.create.topics.enable": "false",
    "delete.topic.enable": "true",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.retention.minutes": "10080",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "4000",  # a killed broker's successor waits for its end
    "broker.heartbeat.interval.ms": "1000",
    "log.retention.ms": "-1",  # tests write history, and retention goes by record timestamps
    "log.message.timestamp.after.max.ms": str(2**63 - 1),  # and records ahead of this machine
    "log.cleaner.dedupe.buffer.size": str(16 * 2**20),
    "log.cleaner.backoff.ms": "1000",
}
