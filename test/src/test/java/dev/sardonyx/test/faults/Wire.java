package dev.sardonyx.test.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** A stretch of network that one can cut, fill, slow down or garble: connections to it go on to another address. */
final class Wire implements AutoCloseable {
    private static final int CHUNK = 1 << 14;
    private static final int LONGEST_DELAY_MILLIS = 40;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** What happens to bytes on their way. */
    enum State {
        /** They arrive. */
        WHOLE,
        /** Each piece takes its time, so that what travels over different wires overtakes each other. */
        SLOW,
        /** Nothing arrives, and nobody is told: a pulled cable. */
        SILENT,
        /** Connections are reset and new ones refused. */
        CUT
    }

    /** What happens to the next piece alone. */
    enum Mischief {
        NONE, REORDER, REPLAY, TRUNCATE
    }

    private final InetSocketAddress target;
    private final ServerSocket door;
    private final Random random = new Random(7);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Mischief> mischief = new AtomicReference<>(Mischief.NONE);
    private volatile State state = State.WHOLE;

    Wire(InetSocketAddress target) throws IOException {
        this.target = target;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::listen);
    }

    String address() {
        return "127.0.0.1:" + door.getLocalPort();
    }

    void set(State next) {
        state = next;
        if (next == State.CUT) {
            open.forEach(Wire::reset);
        }
    }

    /** Garbles the next piece that passes. */
    void play(Mischief next) {
        mischief.set(next);
    }

    /** Whether the last mischief was done. */
    boolean isDone() {
        return mischief.get() == Mischief.NONE;
    }

    private void listen() {
        while (!door.isClosed()) {
            try {
                Socket in = door.accept();
                if (state == State.CUT) {
                    reset(in);
                    continue;
                }
                var out = new Socket();
                open.add(in);
                open.add(out);
                Thread.startVirtualThread(() -> {
                    try {
                        out.connect(target);
                        Thread.startVirtualThread(() -> pass(in, out));
                        pass(out, in);
                    } catch (IOException e) {
                        reset(in);
                    }
                });
            } catch (IOException e) {
                // Closed, or one connection that is gone already.
            }
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] chunk = new byte[CHUNK];
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                byte[] piece = Arrays.copyOf(chunk, count);
                if (state == State.SLOW) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_DELAY_MILLIS)));
                }
                while (state == State.SILENT && !from.isClosed()) {
                    LockSupport.parkNanos(LOOK_NANOS);
                }
                // Short pieces are heartbeats, whose halves would not be told apart from a slow network.
                Mischief now = count < 64 ? Mischief.NONE : mischief.getAndSet(Mischief.NONE);
                switch (now) {
                    case NONE -> out.write(piece);
                    case REORDER -> {
                        out.write(piece, count / 2, count - count / 2);
                        out.write(piece, 0, count / 2);
                    }
                    case REPLAY -> {
                        out.write(piece);
                        out.write(piece);
                    }
                    case TRUNCATE -> {
                        out.write(piece, 0, count / 2);
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // Either end is gone; the other learns it by the closing.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is closed already.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        open.forEach(Wire::reset);
    }
}
