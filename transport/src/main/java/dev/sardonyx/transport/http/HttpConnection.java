package dev.sardonyx.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: reads a question, has it answered, reads the next. All fields belong to the event loop. Reading goes on only when
 * this asks for it, so that whoever sends faster than answers come is slowed down by TCP.
 *
 * <p>A connection's end is noticed by reading alone. So one more read waits while a question is answered; once it brings a part of the
 * next question there is none before the answer is out, and who has sent ahead and leaves is missed later.
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final int BAD_REQUEST = 400;
    private static final int TIMEOUT = 408;
    private static final int TOO_LARGE = 413;
    private static final int LINE_TOO_LONG = 414;
    private static final int EXPECTATION_FAILED = 417;
    private static final int HEADERS_TOO_LONG = 431;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    private final HttpPort port;
    private final boolean tooMany;
    private @Nullable HttpRequest head;
    private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private boolean keepAlive;
    /** A question is whole, and the next is not looked at before its answer is out. */
    private boolean asked;
    /** What came while a question was answered: what one read brought at most, in parts that are to be released. */
    private final ArrayDeque<HttpObject> ahead = new ArrayDeque<>();
    private HttpAsker asker = new HttpAsker();
    private boolean over;
    private @Nullable Future<?> alarm;

    HttpConnection(HttpPort port, boolean tooMany) {
        this.port = port;
        this.tooMany = tooMany;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        expectHead(context);
    }

    private void expectHead(ChannelHandlerContext context) {
        head = null;
        asked = false;
        body = new ByteArrayOutputStream(0);
        // A pause between questions is nobody's fault and needs no word.
        within(context, port.limits().headDeadline(), context::close);
        while (!asked && !ahead.isEmpty()) {
            HttpObject part = ahead.remove();
            try {
                take(context, part);
            } finally {
                ReferenceCountUtil.release(part);
            }
        }
        readOn(context);
    }

    private void readOn(ChannelHandlerContext context) {
        if (!asked || ahead.isEmpty()) {
            context.read();
        }
    }

    private void within(ChannelHandlerContext context, Duration deadline, Runnable action) {
        calm();
        alarm = context.executor().schedule(action, deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void calm() {
        if (alarm != null) {
            alarm.cancel(false);
            alarm = null;
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        if (asked) {
            ahead.add(ReferenceCountUtil.retain(part));
        } else {
            take(context, part);
        }
    }

    private void take(ChannelHandlerContext context, HttpObject part) {
        if (over) {
            return;
        }
        if (part.decoderResult().isFailure()) {
            refuse(context, switch (part.decoderResult().cause()) {
                case TooLongHttpLineException _ -> LINE_TOO_LONG;
                case TooLongHttpHeaderException _ -> HEADERS_TOO_LONG;
                case TooLongFrameException _ -> TOO_LARGE;
                case null, default -> BAD_REQUEST;
            }, "this is not HTTP/1.1, or its headers are too long");
            return;
        }
        if (part instanceof HttpRequest request) {
            begin(context, request);
        }
        if (!over && part instanceof HttpContent content) {
            add(context, content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        readOn(context);
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        head = request;
        keepAlive = HttpUtil.isKeepAlive(request);
        within(context, port.limits().bodyDeadline(), () -> refuse(context, TIMEOUT, "the body did not come in time"));
        if (tooMany) {
            refuse(context, UNAVAILABLE, "there are " + port.limits().connections() + " connections already");
        } else if (HttpUtil.getContentLength(request, 0L) > port.limits().bodyBytes()) {
            tooLong(context);
        } else if (request.headers().contains(HttpHeaderNames.EXPECT) && !HttpUtil.is100ContinueExpected(request)) {
            refuse(context, EXPECTATION_FAILED, "only 100-continue can be expected");
        } else {
            if (HttpUtil.is100ContinueExpected(request)) {
                context.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
            }
        }
    }

    private void tooLong(ChannelHandlerContext context) {
        refuse(context, TOO_LARGE, "a body may have " + port.limits().bodyBytes() + " bytes");
    }

    private void add(ChannelHandlerContext context, HttpContent content) {
        ByteBuf bytes = content.content();
        int length = bytes.readableBytes();
        if (length > port.limits().bodyBytes() - body.size()) {
            tooLong(context);
            return;
        }
        if (!port.take(length)) {
            refuse(context, UNAVAILABLE, "other requests take all the memory there is for them");
            return;
        }
        byte[] copy = new byte[length];
        bytes.readBytes(copy);
        body.writeBytes(copy);
        if (content instanceof LastHttpContent) {
            ask(context);
        }
    }

    private void ask(ChannelHandlerContext context) {
        calm();
        asked = true;
        HttpRequest request = Objects.requireNonNull(head);
        String target = request.uri();
        int query = target.indexOf('?');
        Map<String, String> headers = new HashMap<>();
        asker = new HttpAsker();
        request.headers().forEach(header -> headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        var question = new HttpQuestion(request.method().name(), query < 0 ? target : target.substring(0, query), headers, body.toByteArray(), asker);
        long held = body.size();
        body = new ByteArrayOutputStream(0);
        port.begun();
        Thread.ofVirtual().name("http").start(() -> {
            HttpAnswer answer;
            try {
                answer = port.handler().answer(question);
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                answer = port.handler().refused(INTERNAL_ERROR, "internal error (" + e.getClass().getSimpleName() + ")");
            } finally {
                port.giveBack(held);
            }
            send(context, answer);
        });
    }

    /** Sends an answer from outside the event loop. */
    private void send(ChannelHandlerContext context, HttpAnswer answer) {
        try {
            context.executor().execute(() -> {
                if (over) {
                    port.ended();
                    return;
                }
                within(context, port.limits().answerDeadline(), context::close);
                context.writeAndFlush(response(answer, keepAlive)).addListener(sent -> {
                    port.ended();
                    calm();
                    if (sent.isSuccess() && keepAlive) {
                        expectHead(context);
                    } else {
                        context.close();
                    }
                });
            });
        } catch (RejectedExecutionException closed) {
            port.ended();
        }
    }

    private void refuse(ChannelHandlerContext context, int status, String why) {
        over = true;
        forget();
        within(context, port.limits().answerDeadline(), context::close);
        context.writeAndFlush(response(port.handler().refused(status, why), false)).addListener(_ -> {
            // Closing while bytes come in would reset the connection, and the other side might never see the answer.
            ((SocketChannel) context.channel()).shutdownOutput();
            context.read();
        });
    }

    private static FullHttpResponse response(HttpAnswer answer, boolean keepAlive) {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body().toArray(byte[][]::new)));
        answer.headers().forEach(response.headers()::set);
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        response.headers().set("x-content-type-options", "nosniff");
        HttpUtil.setContentLength(response, answer.length());
        HttpUtil.setKeepAlive(response, keepAlive);
        return response;
    }

    /** Gives back the room of a body that nobody will be asked with. */
    private void forget() {
        port.giveBack(body.size());
        body = new ByteArrayOutputStream(0);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        over = true;
        calm();
        forget();
        ahead.forEach(ReferenceCountUtil::release);
        ahead.clear();
        asker.leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
