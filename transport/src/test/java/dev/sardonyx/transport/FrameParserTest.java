package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameParserTest {

    private static Frame random(Random random) {
        byte[] payload = new byte[random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(40)];
        random.nextBytes(payload);
        Tag tag = new Tag(random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt());
        return Frame.data(tag, random.nextBoolean() ? Phase.ONLINE : Phase.PREPROCESSING, random.nextInt(), payload);
    }

    @Test
    void framesSurviveAnyCuttingOfTheStream() throws Exception {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            ByteBuf stream = Unpooled.buffer();
            List<Frame> sent = new ArrayList<>();
            for (int index = 0; index < 30; index++) {
                Frame frame = random(random);
                sent.add(frame);
                ByteBuf head = frame.head(UnpooledByteBufAllocator.DEFAULT);
                stream.writeBytes(head);
                head.release();
                if (!frame.small()) {
                    stream.writeBytes(frame.body());
                }
            }
            FrameParser parser = new FrameParser(20_000);
            List<Frame> got = new ArrayList<>();
            while (stream.isReadable()) {
                int piece = random.nextInt(3) == 0 ? random.nextInt(5_000) : random.nextInt(30);
                ByteBuf bytes = stream.readSlice(Math.min(piece, stream.readableBytes()));
                for (Frame frame = parser.next(bytes); frame != null; frame = parser.next(bytes)) {
                    got.add(frame);
                }
            }
            assertFalse(parser.midFrame());
            assertEquals(sent.size(), got.size(), "seed " + seed);
            for (int index = 0; index < sent.size(); index++) {
                assertEquals(sent.get(index).tag(), got.get(index).tag(), "seed " + seed);
                assertEquals(sent.get(index).phase(), got.get(index).phase(), "seed " + seed);
                assertEquals(sent.get(index).depth(), got.get(index).depth(), "seed " + seed);
                assertArrayEquals(sent.get(index).payload(), got.get(index).payload(), "seed " + seed);
            }
        }
    }

    @Test
    void randomHeadersEitherParseOrAreRefusedWithinTheBound() {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            FrameParser parser = new FrameParser(100);
            ByteBuf bytes = Unpooled.buffer();
            byte[] noise = new byte[10_000];
            random.nextBytes(noise);
            for (int index = 0; index + 6 < noise.length; index += 1 + random.nextInt(40)) {
                // Now and then something that looks like a small frame.
                noise[index] = noise[index + 1] = noise[index + 2] = 0;
                noise[index + 4] = (byte) random.nextInt(7);
                noise[index + 5] = (byte) random.nextInt(3);
            }
            bytes.writeBytes(noise);
            try {
                for (Frame frame = parser.next(bytes); frame != null; frame = parser.next(bytes)) {
                    assertEquals(true, frame.payload().length <= FrameParser.MAX_CONTROL_BYTES, "seed " + seed);
                }
            } catch (FrameParser.MalformedFrameException refused) {
                assertFalse(String.valueOf(refused.getMessage()).isEmpty(), "seed " + seed);
            }
        }
    }
}
