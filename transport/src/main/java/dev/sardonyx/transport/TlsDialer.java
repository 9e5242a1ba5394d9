package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Connects to one peer and greets it. Tries again, ever less often, while the peer is not there or has not joined the session; ends
 * at once where the peer is not who it should be, or refuses for a reason that time does not mend.
 */
final class TlsDialer implements TlsConnection.Listener {

    private static final Refusal[] REFUSALS = Refusal.values();
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final TlsPort port;
    private final TlsEndpoint endpoint;
    private final int peer;
    private final InetSocketAddress address;
    private final String where;
    private final Hello hello;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private String lastTrouble = "no answer yet";
    private boolean done;

    TlsDialer(TlsPort port, TlsEndpoint endpoint, int peer, InetSocketAddress address, Hello hello) {
        this.port = port;
        this.endpoint = endpoint;
        this.peer = peer;
        this.address = address;
        this.where = address.getHostString() + ":" + address.getPort();
        this.hello = hello;
    }

    void dial() {
        if (done || endpoint.settled()) {
            return;
        }
        if (!address.isUnresolved()) {
            connect(address);
            return;
        }
        CompletableFuture<InetAddress> asked = NameService.find(address.getHostString());
        if (!asked.isDone()) {
            endpoint.notLinked(peer, where + ": the name service has not said where that is");
        }
        // What follows runs on an event loop again, in the order of all else that this dialer hears.
        asked.whenComplete((found, unknown) -> port.later(() -> {
            if (found == null) {
                again(NameService.trouble(address.getHostString(), unknown));
            } else if (!done && !endpoint.settled()) {
                endpoint.notLinked(peer, where + ": " + lastTrouble);
                connect(new InetSocketAddress(found, address.getPort()));
            }
        }, 0));
    }

    private void connect(InetSocketAddress found) {
        port.connect(peer, found, this).addListener(attempt -> {
            if (!attempt.isSuccess()) {
                again(String.valueOf(attempt.cause()));
            }
        });
    }

    @Override
    public void secured(TlsConnection connection, X509Certificate certificate) {
        connection.send(Frame.greeting(Frame.Type.HELLO, hello.encode()));
        connection.channel().eventLoop().schedule(() -> {
            if (!done && connection.channel().isActive()) {
                connection.cut();
                again("no answer to the greeting");
            }
        }, port.self().options().handshakeDeadline().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void received(TlsConnection connection, Frame frame) {
        switch (frame.type()) {
            case WELCOME -> {
                done = true;
                if (!endpoint.adopt(peer, connection, List.of())) {
                    connection.close();
                }
            }
            case REFUSED -> refused(connection, frame.depth());
            case HELLO, DATA, ABORT, FAREWELL, PING -> giveUp(Kind.PROTOCOL_VIOLATION, "answered the greeting with a " + frame.type() + " frame", connection);
        }
    }

    private void refused(TlsConnection connection, int code) {
        if (code < 0 || code >= REFUSALS.length) {
            giveUp(Kind.PROTOCOL_VIOLATION, "refused for the unknown reason " + code, connection);
        } else if (REFUSALS[code] != Refusal.UNKNOWN_SESSION) {
            giveUp(REFUSALS[code].kind(), REFUSALS[code].sentence(), connection);
        }
        // A peer that has not joined closes the connection now, and ended() tries again.
    }

    private void giveUp(Kind kind, String why, TlsConnection connection) {
        giveUp(kind, why, (Throwable) null);
        connection.close();
    }

    private void giveUp(Kind kind, String why, @Nullable Throwable cause) {
        done = true;
        String message = "party " + hello.party() + " has no link to party " + peer + " at " + where + ": party " + peer + " " + why;
        endpoint.giveUp(cause == null ? new TransportException(kind, peer, message) : new TransportException(kind, peer, message, cause));
    }

    @Override
    public void ended(TlsConnection connection, @Nullable Throwable cause) {
        if (done) {
            return;
        }
        CertificateException complaint = cause == null ? null : PinnedTrust.complaint(cause);
        if (complaint != null) {
            giveUp(Kind.AUTHENTICATION, "presented a certificate that this party does not accept: " + complaint.getMessage(), cause);
        } else if (cause != null && isAlert(cause)) {
            giveUp(Kind.AUTHENTICATION, "refused this party's certificate: " + cause.getMessage(), cause);
        } else {
            again(cause == null ? "closed before it welcomed this party" : cause.toString());
        }
    }

    /** Whether a connection ended because the other end did not like the handshake. */
    static boolean isAlert(Throwable cause) {
        return cause instanceof SSLException refusal && String.valueOf(refusal.getMessage()).toLowerCase(Locale.ROOT).contains("alert");
    }

    private void again(String why) {
        lastTrouble = why;
        endpoint.notLinked(peer, where + ": " + why);
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
        port.later(this::dial, pauseMillis);
    }
}
