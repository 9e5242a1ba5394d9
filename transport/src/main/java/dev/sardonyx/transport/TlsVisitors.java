package dev.sardonyx.transport;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Who besides parties in a session may connect to a {@link TlsPort}: owners, and parties that arrange a session.
 *
 * @param certificates who is let in: exactly these
 * @param options      bounds of each connection once it is let in; what one may make this party hold, every one may
 * @param welcome      told of each connection once it is secured and greeted, in a {@link LinkThread} of its own; when it returns, the
 *                     connection is closed
 * @param refused      told of each connection that was not let in, visitor or party or neither: from where, and why; must not block
 */
public record TlsVisitors(List<X509Certificate> certificates, TlsOptions options, Consumer<TlsChannel> welcome, Consumer<String> refused) {

    /** Nobody. */
    public static final TlsVisitors NONE = new TlsVisitors(List.of(), TlsOptions.DEFAULT, TlsChannel::close, _ -> {});

    /** What a visitor says first; the last figure is the version. */
    static final String GREETING = "SARDONYX-VISIT/1";

    static final String GREETING_START = "SARDONYX-VISIT/";

    public TlsVisitors {
        certificates = List.copyOf(certificates);
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(welcome, "welcome");
        Objects.requireNonNull(refused, "refused");
    }
}
