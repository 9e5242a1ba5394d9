package dev.sardonyx.transport;

import java.time.Duration;

/** The contract, over memory at full speed. */
class InMemoryEndpointTest extends EndpointContract {

    @Override
    Links connect(int parties, long bytesInFlight, Duration sendDeadline) {
        return new InMemoryLinks(LinkProfile.NONE, parties, bytesInFlight, sendDeadline);
    }

    @Override
    long slackBytes() {
        return 0;
    }

    /** An in-memory network as the contract wants it. */
    record InMemoryLinks(InMemoryNetwork network) implements Links {

        InMemoryLinks(LinkProfile profile, int parties, long bytesInFlight, Duration sendDeadline) {
            this(new InMemoryNetwork(parties,
                    InMemoryNetwork.Options.of(profile).withBytesInFlight(bytesInFlight).withSendDeadline(sendDeadline)));
        }

        @Override
        public Endpoint endpoint(int party) {
            return network.endpoint(party);
        }

        @Override
        public void crash(int party) {
            network.fail(party);
        }

        @Override
        public void close() {
            network.close();
        }
    }
}
