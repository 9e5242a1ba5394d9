package dev.sardonyx.transport;

import java.time.Duration;

/** The contract, over memory shaped like a network of 1 ms round trip and 1 Gbit/s. */
class ShapedEndpointTest extends EndpointContract {

    @Override
    Links connect(int parties, long bytesInFlight, Duration sendDeadline) {
        return new InMemoryEndpointTest.InMemoryLinks(LinkProfile.parse("1ms,1Gbit"), parties, bytesInFlight, sendDeadline);
    }

    @Override
    long slackBytes() {
        return 0;
    }
}
