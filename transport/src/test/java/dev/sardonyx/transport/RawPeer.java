package dev.sardonyx.transport;

import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A party that proves itself as it should and then sends whatever a test wants. */
final class RawPeer implements TlsConnection.Listener, AutoCloseable {

    private final CompletableFuture<TlsConnection> secured = new CompletableFuture<>();
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();

    /** @throws java.util.concurrent.ExecutionException where the connection ends before both have proven themselves */
    static RawPeer connect(TlsPort port, InetSocketAddress address) throws Exception {
        RawPeer peer = new RawPeer();
        port.connect(0, address, peer).sync();
        peer.secured.get(60, TimeUnit.SECONDS);
        return peer;
    }

    /** A party that never says by itself that it is there. */
    private static TlsOptions silent() {
        return TlsOptions.DEFAULT.withSilenceDeadline(Duration.ofDays(1));
    }

    void hello(int parties, String session) {
        hello(("SARDONYX/" + Hello.VERSION + " 1 " + parties + " " + session));
    }

    void hello(String text) {
        secured.join().send(Frame.greeting(Frame.Type.HELLO, text.getBytes(StandardCharsets.US_ASCII)));
    }

    void send(byte[] raw) {
        secured.join().channel().writeAndFlush(Unpooled.wrappedBuffer(raw));
    }

    void send(Frame frame) {
        secured.join().send(frame);
    }

    /** Closes in TLS's order but in the middle of whatever was sent. */
    void closeConnection() {
        secured.join().close();
    }

    Frame awaitFrame(Duration patience) throws Exception {
        Frame frame = frames.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (frame == null) {
            throw new AssertionError("no frame within " + patience);
        }
        return frame;
    }

    void awaitEnd(Duration patience) throws Exception {
        ended.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void secured(TlsConnection connection, X509Certificate peer) {
        connection.establish(this, silent());
        secured.complete(connection);
    }

    @Override
    public void received(TlsConnection connection, Frame frame) {
        if (frame.type() != Frame.Type.PING) {
            frames.add(frame);
        }
    }

    @Override
    public void ended(TlsConnection connection, @Nullable Throwable cause) {
        secured.completeExceptionally(cause != null ? cause : new EOFException("closed before the handshake was over"));
        ended.complete(true);
    }

    @Override
    public void close() {
        secured.join().close();
    }
}
