package dev.sardonyx.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;

/** A group of {@link SharedEventLoop}s. */
final class SharedEventLoops extends MultiThreadIoEventLoopGroup {

    SharedEventLoops(int loops, String name) {
        super(loops, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... more) {
        return new SharedEventLoop(this, executor, factory);
    }
}
