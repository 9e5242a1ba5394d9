package dev.sardonyx.transport;

import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The contract, where some parties do TLS with the JDK and others with whatever is best on this machine. */
class MixedTlsEndpointContractTest extends EndpointContract {

    @Override
    Links connect(int parties, long bytesInFlight, Duration sendDeadline) {
        List<SslProvider> providers = new ArrayList<>();
        for (int party = 0; party < parties; party++) {
            providers.add(party == 1 ? TlsContexts.provider() : SslProvider.JDK);
        }
        return new TlsCluster(TlsOptions.DEFAULT.withBytesInFlight(bytesInFlight).withSendDeadline(sendDeadline), providers);
    }

    @Override
    long slackBytes() {
        return 16L << 20;
    }
}
