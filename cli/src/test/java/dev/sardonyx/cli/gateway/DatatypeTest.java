package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.json.JsonException;
import dev.sardonyx.cli.json.JsonLine;
import dev.sardonyx.cli.json.JsonReader;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatatypeTest {
    private static final long SEED = 4;

    private static Tensor read(Datatype type, Shape shape, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return type.read(shape, new JsonReader(bytes, bytes.length), "input 'x'");
    }

    private static Tensor random(Datatype type, Shape shape) {
        var random = new Random(SEED + type.ordinal());
        if (type.isFloating()) {
            return Tensor.ofDoubles(type.element(), shape, random.doubles(shape.size(), -100, 100).toArray());
        }
        return Tensor.ofLongs(type.element(), shape, random.longs(shape.size()).map(type.element()::wrap).toArray());
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeComesBackFromBytesAndFromJsonAsItWas(Datatype type) {
        Shape shape = Shape.of(3, 1, 5);
        Tensor tensor = random(type, shape);
        byte[] bytes = Datatype.encode(tensor);
        assertEquals(shape.size() * type.bytes(), bytes.length);
        assertTrue(tensor.sameAs(type.decode(shape, bytes, 0)), () -> "seed " + SEED);
        var json = new JsonLine();
        Datatype.write(tensor, json);
        assertTrue(tensor.sameAs(read(type, shape, json.toString())), () -> "seed " + SEED);
    }

    @Test
    void bytesAreLittleEndianAsClientsSendThem() {
        assertArrayEquals(new byte[] {0, 0, (byte) 0x80, 0x3f}, Datatype.encode(Tensor.scalar(1)));
        assertArrayEquals(new double[] {1, -2}, Datatype.FP16.decode(Shape.of(2), new byte[] {9, 0, 0x3c, 0, (byte) 0xc0}, 1).toDoubles());
        assertArrayEquals(new long[] {1, 0, 1}, Datatype.BOOL.decode(Shape.of(3), new byte[] {1, 0, 7}, 0).toLongs());
        assertArrayEquals(new long[] {255}, Datatype.UINT8.decode(Shape.of(1), new byte[] {-1}, 0).toLongs());
        assertArrayEquals(new long[] {-1}, Datatype.INT8.decode(Shape.of(1), new byte[] {-1}, 0).toLongs());
    }

    @Test
    void nestedAndFlatArraysAreTheSame() {
        Tensor flat = read(Datatype.INT32, Shape.of(2, 3), "[1,2,3,4,5,6]");
        assertTrue(flat.sameAs(read(Datatype.INT32, Shape.of(2, 3), "[[1,2,3],[4,5,6]]")));
        assertTrue(read(Datatype.BOOL, Shape.of(2), "[true,false]").sameAs(Tensor.ofLongs(Datatype.BOOL.element(), Shape.of(2), 1, 0)));
        assertEquals(1, read(Datatype.FP32, Shape.SCALAR, "[1]").size());
    }

    @Test
    void whatDoesNotFitShapeOrTypeIsRefused() {
        for (String wrong : new String[] {"[1,2,3,4,5]", "[1,2,3,4,5,6,7]", "[[1,2],[3,4],[5,6]]", "[[1,2,3],[4,5]]", "[[1,2,3],[4,5,6],[]]", "[[1,2,3],[4,5,300]]", "[]"}) {
            assertThrows(GatewayException.class, () -> read(Datatype.UINT8, Shape.of(2, 3), wrong), wrong);
        }
        for (String wrong : new String[] {"[[1,2,3],4,5,6]", "[1,2,3,[4],5,6]", "[1,2,3,4,5,6.5]", "[1,2,3,4,5,true]", "[1,2,3,4,5,\"6\"]", "7", "null"}) {
            assertThrows(JsonException.class, () -> read(Datatype.UINT8, Shape.of(2, 3), wrong), wrong);
        }
        assertThrows(JsonException.class, () -> read(Datatype.BOOL, Shape.of(1), "[1]"));
    }
}
