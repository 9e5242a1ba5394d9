package dev.sardonyx.transport;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** A TCP connection whose socket may be written to by other threads than its event loop's: see {@link TlsSender}. */
final class LinkChannel extends NioSocketChannel {

    /** A connection to be opened. */
    LinkChannel() {}

    private LinkChannel(Channel parent, SocketChannel accepted) {
        super(parent, accepted);
    }

    /** The non-blocking socket, whose writes may be interleaved with the event loop's reads. */
    SocketChannel socketChannel() {
        return javaChannel();
    }

    /** Listens, and accepts connections as {@link LinkChannel}s. */
    static final class Listening extends NioServerSocketChannel {

        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            SocketChannel socket = javaChannel().accept();
            if (socket == null) {
                return 0;
            }
            try {
                accepted.add(new LinkChannel(this, socket));
                return 1;
            } catch (RuntimeException unusable) {
                // One connection that cannot be set up is no reason to stop listening.
                socket.close();
                return 0;
            }
        }
    }
}
