package dev.sardonyx.transport;

import dev.sardonyx.cli.fuzz.Fuzz;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What comes over a link: frames, cut anywhere, and greetings. Stands here because the module that it looks into has no fuzzer. */
class FrameFuzzTest {
    private static final int LONGEST = 1 << 16;

    private static byte[] bytes(Frame frame) {
        ByteBuf head = frame.head(UnpooledByteBufAllocator.DEFAULT);
        try {
            ByteBuf whole = frame.small() ? head : Unpooled.wrappedBuffer(head, frame.body());
            byte[] bytes = new byte[whole.readableBytes()];
            whole.readBytes(bytes);
            return bytes;
        } finally {
            head.release();
        }
    }

    private static byte[] joined(List<Frame> frames) {
        var all = new ByteArrayOutputStream();
        frames.forEach(frame -> all.writeBytes(bytes(frame)));
        return all.toByteArray();
    }

    /** A peer can make a party hold one payload that does not come; the bound says so. */
    @Test
    void frames() throws Exception {
        List<Frame> frames = List.of(Frame.greeting(Frame.Type.HELLO, "SARDONYX/1 1 3 s".getBytes(StandardCharsets.US_ASCII)), Frame.data(new Tag(1, 2, 3, 4), Phase.ONLINE, 5,
                new byte[40]), Frame.ping(), Frame.abort(7), Frame.data(new Tag(1, 2, 3, 5), Phase.PREPROCESSING, 5, new byte[5000]), Frame.farewell(true));
        var fuzz = Fuzz.of("frames").sample(joined(frames)).allocates(4L * LONGEST, 64).documented(FrameParser.MalformedFrameException.class);
        frames.forEach(frame -> fuzz.sample(bytes(frame)));
        fuzz.run(stream -> {
            var parser = new FrameParser(LONGEST);
            int pieces = 1 + (stream.length == 0 ? 0 : stream[0] & 7);
            var parsed = new ArrayList<Frame>();
            for (int piece = 0; piece < pieces; piece++) {
                int from = (int) ((long) stream.length * piece / pieces);
                ByteBuf bytes = Unpooled.wrappedBuffer(stream, from, (int) ((long) stream.length * (piece + 1) / pieces) - from);
                for (Frame frame = parser.next(bytes); frame != null; frame = parser.next(bytes)) {
                    parsed.add(frame);
                }
            }
            byte[] again = joined(parsed);
            if (!Arrays.equals(again, Arrays.copyOf(stream, again.length))) {
                throw new AssertionError("frames that were read are not the frames that came");
            }
        });
    }

    @Test
    void greetings() throws Exception {
        Fuzz.of("greeting").sample("SARDONYX/1 1 3 session-1.a_b".getBytes(StandardCharsets.US_ASCII)).words(" ", "/", "99999999999", "-1", "\u0000")
                .documented(FrameParser.MalformedFrameException.class).run(Hello::decode);
    }
}
