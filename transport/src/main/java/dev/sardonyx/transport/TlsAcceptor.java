package dev.sardonyx.transport;

import dev.sardonyx.transport.FrameParser.MalformedFrameException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hears the greeting of one incoming connection and links it, or refuses it. */
final class TlsAcceptor implements TlsConnection.Listener {

    private final TlsPort port;
    private final Consumer<TlsConnection> settled;
    private @Nullable X509Certificate certificate;
    private boolean done;

    /** @param settled told once, when the connection is linked, refused or gone */
    TlsAcceptor(TlsPort port, Consumer<TlsConnection> settled) {
        this.port = port;
        this.settled = settled;
    }

    @Override
    public void secured(TlsConnection connection, X509Certificate peer) {
        certificate = peer;
    }

    @Override
    public void received(TlsConnection connection, Frame frame) {
        if (done) {
            return;
        }
        if (frame.type() != Frame.Type.HELLO) {
            refuse(connection, Refusal.MALFORMED);
            return;
        }
        if (new String(frame.payload(), StandardCharsets.US_ASCII).startsWith(TlsVisitors.GREETING_START)) {
            visit(connection, new String(frame.payload(), StandardCharsets.US_ASCII));
            return;
        }
        try {
            Hello hello = Hello.decode(frame.payload());
            welcome(connection, hello).ifPresent(refusal -> refuse(connection, refusal));
        } catch (MalformedFrameException malformed) {
            refuse(connection, Refusal.MALFORMED);
        }
    }

    /** Lets a visitor in, or says why not. */
    private void visit(TlsConnection connection, String greeting) {
        TlsVisitors visitors = port.visitors();
        X509Certificate peer = certificate;
        if (peer == null || !visitors.certificates().contains(peer)) {
            refuse(connection, Refusal.UNKNOWN_VISITOR);
        } else if (!greeting.equals(TlsVisitors.GREETING)) {
            refuse(connection, Refusal.WRONG_VERSION);
        } else {
            settle(connection);
            TlsChannel channel = new TlsChannel(connection, peer, visitors.options());
            connection.send(Frame.greeting(Frame.Type.WELCOME, new byte[0]));
            connection.establish(channel, visitors.options());
            new LinkThread("visit from " + connection.remote(), () -> {
                try (channel) {
                    visitors.welcome().accept(channel);
                }
            }).start();
        }
    }

    /** Links the connection, or says why not. */
    private Optional<Refusal> welcome(TlsConnection connection, Hello hello) {
        TlsParty self = port.self();
        if (hello.version() != Hello.VERSION) {
            return Optional.of(Refusal.WRONG_VERSION);
        }
        if (hello.parties() != self.parties()) {
            return Optional.of(Refusal.WRONG_PARTIES);
        }
        // Lower parties are connected to and do not connect, so a greeting in their name is not theirs.
        if (hello.party() <= self.party() || hello.party() >= self.parties() || !self.certificates().get(hello.party()).equals(certificate)) {
            return Optional.of(Refusal.WRONG_PARTY);
        }
        TlsEndpoint endpoint = port.session(hello.session());
        if (endpoint == null) {
            return Optional.of(Refusal.UNKNOWN_SESSION);
        }
        if (!endpoint.adopt(hello.party(), connection, List.of(Frame.greeting(Frame.Type.WELCOME, new byte[0])))) {
            return Optional.of(Refusal.ALREADY_LINKED);
        }
        settle(connection);
        return Optional.empty();
    }

    private void refuse(TlsConnection connection, Refusal refusal) {
        if (refusal != Refusal.UNKNOWN_SESSION) {
            port.refused(connection.remote() + ": this party " + refusal.sentence());
        }
        settle(connection);
        connection.send(Frame.refused(refusal));
        connection.close();
    }

    /** Cuts the connection off where it has not greeted by now. */
    void expire(TlsConnection connection) {
        if (!done) {
            String what = "no greeting within " + port.self().options().handshakeDeadline();
            port.refused(connection.remote() + ": " + what);
            settle(connection);
            connection.fail(new MalformedFrameException(what));
        }
    }

    @Override
    public void ended(TlsConnection connection, @Nullable Throwable cause) {
        if (!done && cause != null) {
            CertificateException complaint = PinnedTrust.complaint(cause);
            port.refused(connection.remote() + ": " + (complaint != null ? complaint.getMessage() : cause));
        }
        settle(connection);
    }

    private void settle(TlsConnection connection) {
        if (!done) {
            done = true;
            settled.accept(connection);
        }
    }
}
