package dev.sardonyx.transport;

import java.time.Duration;

/** The contract, over mutual TLS on the loopback interface. */
class TlsEndpointContractTest extends EndpointContract {

    @Override
    Links connect(int parties, long bytesInFlight, Duration sendDeadline) {
        return new TlsCluster(parties, TlsOptions.DEFAULT.withBytesInFlight(bytesInFlight).withSendDeadline(sendDeadline));
    }

    /** The bound counts at both ends, and the sockets between them hold some megabytes. */
    @Override
    long slackBytes() {
        return 16L << 20;
    }
}
