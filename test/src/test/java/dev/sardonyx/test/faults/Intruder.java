package dev.sardonyx.test.faults;

import dev.sardonyx.transport.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Somebody who speaks to a party by a program of their own: Java's TLS with whatever certificate they have, then bytes by hand. Knows
 * the frames (header of 26 bytes) and envelopes from their description alone.
 */
final class Intruder implements AutoCloseable {
    static final int HELLO = 0;
    static final int WELCOME = 1;
    static final int REFUSED = 2;
    static final int DATA = 3;
    private static final int PING = 6;

    private static final int HEADER = 26;
    private static final int CHUNK = 1 << 18;
    private static final int PATIENCE_MILLIS = 60_000;
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A frame that came: its type, its code, its payload. */
    record Heard(int type, int depth, byte[] payload) {
    }

    /** An envelope that came. */
    record Told(String verb, Map<String, String> fields) {
        String message() {
            return verb + " " + fields.getOrDefault("kind", "") + ": " + fields.getOrDefault("message", "");
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private Intruder(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    /** Connects and shakes hands; the party's certificate is not looked at. */
    static Intruder connect(String address, TlsIdentity identity) throws IOException {
        int colon = address.lastIndexOf(':');
        var socket = (SSLSocket) context(identity).getSocketFactory().createSocket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        socket.startHandshake();
        return new Intruder(socket);
    }

    /** The other end of a connection that a party made. */
    static Intruder of(SSLSocket accepted) throws IOException {
        accepted.setSoTimeout(PATIENCE_MILLIS);
        return new Intruder(accepted);
    }

    static SSLContext context(TlsIdentity identity) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("self", identity.key(), new char[0], identity.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no TLS", e);
        }
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Greets as an owner and waits for the welcome. */
    Intruder visit() throws IOException {
        frame(HELLO, "SARDONYX-VISIT/1".getBytes(StandardCharsets.US_ASCII));
        Heard answer = hear();
        if (answer.type() != WELCOME) {
            throw new IOException("not welcome: frame of type " + answer.type() + ", code " + answer.depth());
        }
        Thread.startVirtualThread(this::beat);
        return this;
    }

    /** Says now and then that it is there, as the parties want of each other and of owners. */
    private void beat() {
        try {
            while (!socket.isClosed()) {
                frame(PING, new byte[0]);
                LockSupport.parkNanos(BEAT_NANOS);
            }
        } catch (IOException e) {
            // Whoever waits for an answer is told of the end.
        }
    }

    synchronized void frame(int type, byte[] payload) throws IOException {
        out.write(header(payload.length, type));
        out.write(payload);
        out.flush();
    }

    static byte[] header(int length, int type) {
        var bytes = new ByteArrayOutputStream(HEADER);
        try (var data = new DataOutputStream(bytes)) {
            data.writeInt(length);
            data.writeByte(type);
            data.writeByte(1);
            data.write(new byte[HEADER - 6]);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    synchronized void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** The next frame that is no heartbeat. */
    Heard hear() throws IOException {
        while (true) {
            byte[] header = new byte[HEADER];
            in.readFully(header);
            var data = new DataInputStream(new ByteArrayInputStream(header));
            byte[] payload = new byte[data.readInt()];
            int type = data.readUnsignedByte();
            in.readFully(payload);
            if (type != PING) {
                data.skipNBytes(HEADER - 9);
                return new Heard(type, data.readInt(), payload);
            }
        }
    }

    /** Waits until the party ends the connection; what still comes is dropped. */
    void awaitEnd() throws IOException {
        try {
            byte[] some = new byte[1024];
            while (in.read(some) >= 0) {
                continue;
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new IOException("the party keeps a connection that it should end", e);
        } catch (IOException reset) {
            // An end as good as any.
        }
    }

    /** Asks for something; the body is sent by {@link #body}. */
    void envelope(String verb, long bodyLength, String... namesAndValues) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var data = new DataOutputStream(bytes)) {
            data.writeByte(2);
            data.writeUTF(verb);
            data.writeByte(namesAndValues.length / 2);
            for (String text : namesAndValues) {
                data.writeUTF(text);
            }
            data.writeLong(bodyLength);
        }
        frame(DATA, bytes.toByteArray());
    }

    void body(byte[] body) throws IOException {
        for (int from = 0; from < body.length; from += CHUNK) {
            frame(DATA, java.util.Arrays.copyOfRange(body, from, Math.min(body.length, from + CHUNK)));
        }
    }

    /** The next envelope. */
    Told told() throws IOException {
        Heard heard = hear();
        if (heard.type() != DATA) {
            throw new IOException("expected an envelope, got a frame of type " + heard.type());
        }
        var data = new DataInputStream(new ByteArrayInputStream(heard.payload()));
        data.readByte();
        String verb = data.readUTF();
        var fields = new LinkedHashMap<String, String>();
        for (int count = data.readUnsignedByte(); count > 0; count--) {
            fields.put(data.readUTF(), data.readUTF());
        }
        return new Told(verb, fields);
    }

    /** Goes without a word. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
