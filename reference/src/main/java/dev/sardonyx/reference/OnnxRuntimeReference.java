package dev.sardonyx.reference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A model under ONNX Runtime, on plaintext: what every secure answer is held against. Holds native memory until closed; several
 * threads may run at once.
 */
public final class OnnxRuntimeReference implements AutoCloseable {
    private final OrtEnvironment environment;
    private final OrtSession session;

    private OnnxRuntimeReference(OrtEnvironment environment, OrtSession session) {
        this.environment = environment;
        this.session = session;
    }

    private interface Opening {
        OrtSession open(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    /**
     * Loads a model from a file; external data is found beside it.
     *
     * @param threads how many threads one run may take, 1 or more
     * @throws ReferenceException if ONNX Runtime refuses the model
     */
    public static OnnxRuntimeReference open(Path model, int threads) {
        return open(threads, (environment, options) -> environment.createSession(model.toString(), options));
    }

    /** As {@link #open(Path, int)}, from the bytes of a model without external data. */
    public static OnnxRuntimeReference open(byte[] model, int threads) {
        return open(threads, (environment, options) -> environment.createSession(model, options));
    }

    private static OnnxRuntimeReference open(int threads, Opening opening) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "sardonyx");
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            // Idle worker threads would spin and take the cores from the parties that run beside.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return new OnnxRuntimeReference(environment, opening.open(environment, options));
        } catch (OrtException e) {
            throw new ReferenceException("ONNX Runtime refuses the model: " + reason(e), e);
        }
    }

    /** The names of the model's inputs, in its order. */
    public List<String> inputs() {
        return List.copyOf(session.getInputNames());
    }

    /** The names of the model's outputs, in its order. */
    public List<String> outputs() {
        return List.copyOf(session.getOutputNames());
    }

    /**
     * Runs the model once.
     *
     * @param inputs by name; optional ones may be missing
     * @return outputs by name in the model's order; of a sequence of maps (ZipMap) the tensor inside, columns in the order of the keys
     * @throws ReferenceException if ONNX Runtime fails, or a type is one that its Java binding cannot pass on
     */
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            for (var input : inputs.entrySet()) {
                given.put(input.getKey(), toNative(input.getKey(), input.getValue()));
            }
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            try (OrtSession.Result result = session.run(given)) {
                for (var output : result) {
                    outputs.put(output.getKey(), fromNative(output.getKey(), output.getValue()));
                }
            }
            return outputs;
        } catch (OrtException e) {
            throw new ReferenceException("ONNX Runtime fails: " + reason(e), e);
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new ReferenceException("ONNX Runtime does not close: " + reason(e), e);
        }
    }

    private OnnxTensor toNative(String name, Tensor tensor) throws OrtException {
        OnnxJavaType type = switch (tensor.type()) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            case UINT16, UINT32, UINT64, STRING -> throw unsupported("input", name, tensor.type().toString());
        };
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.max(1, Math.multiplyExact(tensor.size(), type.size))).order(ByteOrder.nativeOrder());
        bytes.limit(tensor.size() * type.size);
        for (int i = 0; i < tensor.size(); i++) {
            switch (tensor.type()) {
                case FLOAT32 -> bytes.putFloat((float) tensor.getDouble(i));
                case FLOAT64 -> bytes.putDouble(tensor.getDouble(i));
                case FLOAT16 -> bytes.putShort(Float.floatToFloat16((float) tensor.getDouble(i)));
                case BFLOAT16 -> bytes.putShort((short) (Float.floatToIntBits((float) tensor.getDouble(i)) >>> 16));
                case INT8, UINT8, BOOL -> bytes.put((byte) tensor.getLong(i));
                case INT16, UINT16 -> bytes.putShort((short) tensor.getLong(i));
                case INT32, UINT32 -> bytes.putInt((int) tensor.getLong(i));
                case INT64, UINT64 -> bytes.putLong(tensor.getLong(i));
                case STRING -> throw new IllegalStateException("refused above");
            }
        }
        long[] shape = tensor.shape().dims().stream().mapToLong(Integer::longValue).toArray();
        return OnnxTensor.createTensor(environment, bytes.flip(), shape, type);
    }

    private static Tensor fromNative(String name, OnnxValue value) throws OrtException {
        return switch (value) {
            case OnnxTensor tensor -> fromNative(name, tensor);
            case OnnxSequence sequence -> table(name, sequence);
            default -> throw unsupported("output", name, value.getInfo().toString());
        };
    }

    private static Tensor fromNative(String name, OnnxTensor tensor) throws OrtException {
        TensorInfo info = tensor.getInfo();
        List<Integer> dims = new ArrayList<>();
        for (long dim : info.getShape()) {
            dims.add(Math.toIntExact(dim));
        }
        var shape = new Shape(dims);
        ElementType type = elementType(name, info);
        if (shape.size() == 0) {
            return type.isFloating() ? Tensor.ofDoubles(type, shape) : Tensor.ofLongs(type, shape);
        }
        ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
        if (type == ElementType.FLOAT32) {
            float[] floats = new float[shape.size()];
            bytes.asFloatBuffer().get(floats);
            return Tensor.ofFloats(shape, floats);
        }
        double[] doubles = new double[type.isFloating() ? shape.size() : 0];
        long[] longs = new long[type.isFloating() ? 0 : shape.size()];
        for (int i = 0; i < shape.size(); i++) {
            switch (type) {
                case FLOAT32 -> throw new IllegalStateException("read above");
                case FLOAT64 -> doubles[i] = bytes.getDouble();
                case FLOAT16 -> doubles[i] = Float.float16ToFloat(bytes.getShort());
                case BFLOAT16 -> doubles[i] = Float.intBitsToFloat(bytes.getShort() << 16);
                case INT8 -> longs[i] = bytes.get();
                case UINT8 -> longs[i] = bytes.get() & 0xFF;
                case INT16 -> longs[i] = bytes.getShort();
                case UINT16 -> longs[i] = bytes.getShort() & 0xFFFF;
                case INT32 -> longs[i] = bytes.getInt();
                case UINT32 -> longs[i] = bytes.getInt() & 0xFFFF_FFFFL;
                case INT64, UINT64 -> longs[i] = bytes.getLong();
                case BOOL -> longs[i] = bytes.get() == 0 ? 0 : 1;
                case STRING -> throw new IllegalStateException("refused above");
            }
        }
        return type.isFloating() ? Tensor.ofDoubles(type, shape, doubles) : Tensor.ofLongs(type, shape, longs);
    }

    private static ElementType elementType(String name, TensorInfo info) {
        return switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.FLOAT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> ElementType.FLOAT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> ElementType.FLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> ElementType.BFLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> ElementType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> ElementType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> ElementType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> ElementType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> ElementType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> ElementType.UINT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.BOOL;
            default -> throw unsupported("output", name, info.onnxType.toString());
        };
    }

    /** A sequence of maps from class to probability, one map a sample, as samples × classes. */
    private static Tensor table(String name, OnnxSequence sequence) throws OrtException {
        List<SortedMap<Object, Number>> rows = new ArrayList<>();
        for (OnnxValue element : sequence.getValue()) {
            try (element) {
                if (!(element instanceof OnnxMap map)) {
                    throw unsupported("output", name, sequence.getInfo().toString());
                }
                SortedMap<Object, Number> row = new TreeMap<>();
                map.getValue().forEach((key, number) -> row.put(key, (Number) number));
                rows.add(row);
            }
        }
        int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
        float[] values = new float[rows.size() * columns];
        int at = 0;
        for (SortedMap<Object, Number> row : rows) {
            for (Number number : row.values()) {
                values[at++] = number.floatValue();
            }
        }
        return Tensor.ofFloats(Shape.of(rows.size(), columns), values);
    }

    private static ReferenceException unsupported(String what, String name, String type) {
        var cause = new IllegalArgumentException(type);
        return new ReferenceException("ONNX Runtime's Java binding cannot pass " + what + " '" + name + "' of type " + type, cause);
    }

    private static String reason(OrtException e) {
        String message = e.getMessage() == null ? e.getCode().toString() : e.getMessage();
        return message.lines().filter(line -> !line.isBlank()).map(String::strip).collect(Collectors.joining(" "));
    }
}
