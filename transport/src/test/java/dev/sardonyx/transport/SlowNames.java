package dev.sardonyx.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The platform's name service, but for {@value #NAME}, which is found when a test says so, and for names that are never known. The JDK loads it for all tests of this module. */
public final class SlowNames extends InetAddressResolverProvider {
    static final String NAME = "slow.test";
    static final AtomicInteger ASKED = new AtomicInteger();
    private static volatile CountDownLatch answer = new CountDownLatch(0);

    /** From now on nobody finds the name. */
    static void hang() {
        answer = new CountDownLatch(1);
    }

    /** Tells all who wait, and whoever comes, that it is this machine. */
    static void tell() {
        answer.countDown();
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver usual = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (host.endsWith(".invalid")) {
                    // Nobody has such a name (RFC 6761), but a machine without a network may take long to say so, or not say so at all.
                    throw new UnknownHostException(host);
                }
                if (!host.equals(NAME)) {
                    return usual.lookupByName(host, policy);
                }
                ASKED.incrementAndGet();
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    throw new UnknownHostException(host);
                }
                return Stream.of(InetAddress.getLoopbackAddress());
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return usual.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "slow names";
    }
}
