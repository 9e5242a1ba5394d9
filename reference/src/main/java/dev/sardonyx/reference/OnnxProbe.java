package dev.sardonyx.reference;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TypeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime's word on the values inside a model: what they are, and what each would be if the ones it is made from were others. For
 * the second question the model is cut at the values that are watched: whoever read one of them reads an input of the cut model
 * instead. The model is taken from its file, not from our translation of it, so that a fault in the translation shows.
 */
public final class OnnxProbe implements AutoCloseable {
    private static final String GIVEN = "sardonyx.given.";

    private final Set<String> watched;
    private final OnnxRuntimeReference whole;
    private final OnnxRuntimeReference cut;

    private OnnxProbe(Set<String> watched, OnnxRuntimeReference whole, OnnxRuntimeReference cut) {
        this.watched = watched;
        this.whole = whole;
        this.cut = cut;
    }

    /**
     * Opens a model twice: whole, and cut.
     *
     * @param values the values to watch, with their types; those that the file does not name at its top level are left out
     * @param threads how many threads one run may take
     * @throws ReferenceException if the file cannot be read, or ONNX Runtime refuses it without the files beside it
     */
    public static OnnxProbe open(Path file, Map<String, ElementType> values, int threads) {
        ModelProto model = read(file);
        Map<String, ElementType> there = new LinkedHashMap<>(values);
        Set<String> made = new LinkedHashSet<>();
        model.getGraph().getNodeList().forEach(node -> made.addAll(node.getOutputList()));
        Set<String> given = new LinkedHashSet<>();
        model.getGraph().getInputList().forEach(input -> given.add(input.getName()));
        there.keySet().removeIf(name -> !made.contains(name) && !given.contains(name));
        List<String> shown = there.keySet().stream().filter(made::contains).toList();
        OnnxRuntimeReference whole = OnnxRuntimeReference.open(showing(model, model.getGraph(), shown).toByteArray(), threads);
        try {
            return new OnnxProbe(Set.copyOf(there.keySet()), whole,
                    OnnxRuntimeReference.open(showing(model, cut(model.getGraph(), there), shown).toByteArray(), threads));
        } catch (ReferenceException e) {
            whole.close();
            throw e;
        }
    }

    private static ModelProto read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return ModelProto.parseFrom(in);
        } catch (IOException e) {
            throw new ReferenceException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static ModelProto showing(ModelProto model, GraphProto graph, List<String> outputs) {
        GraphProto.Builder shown = graph.toBuilder().clearOutput();
        outputs.forEach(name -> shown.addOutput(ValueInfoProto.newBuilder().setName(name)));
        return model.toBuilder().setGraph(shown).build();
    }

    private static GraphProto cut(GraphProto graph, Map<String, ElementType> watched) {
        GraphProto.Builder cut = rewired(graph, watched.keySet()).toBuilder();
        watched.forEach((name, type) -> cut.addInput(ValueInfoProto.newBuilder().setName(GIVEN + name).setType(TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(code(type))))));
        return cut.build();
    }

    /** Every read of a watched value turned to the one given for it, also in the bodies of control flow. */
    private static GraphProto rewired(GraphProto graph, Set<String> watched) {
        GraphProto.Builder rewired = graph.toBuilder().clearNode();
        for (NodeProto node : graph.getNodeList()) {
            NodeProto.Builder changed = node.toBuilder().clearInput().clearAttribute();
            node.getInputList().forEach(name -> changed.addInput(watched.contains(name) ? GIVEN + name : name));
            for (AttributeProto attribute : node.getAttributeList()) {
                changed.addAttribute(attribute.hasG() ? attribute.toBuilder().setG(rewired(attribute.getG(), watched)).build() : attribute);
            }
            rewired.addNode(changed);
        }
        return rewired.build();
    }

    private static int code(ElementType type) {
        return switch (type) {
            case FLOAT64 -> TensorProto.DataType.DOUBLE_VALUE;
            case FLOAT16 -> TensorProto.DataType.FLOAT16_VALUE;
            case BFLOAT16 -> TensorProto.DataType.BFLOAT16_VALUE;
            case FLOAT32 -> TensorProto.DataType.FLOAT_VALUE;
            case BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, STRING -> throw new IllegalArgumentException(
                    "a value of " + type + " cannot be watched; expected a floating type");
        };
    }

    /** The values that are watched: the model's inputs among them, and what nodes make. */
    public Set<String> watched() {
        return watched;
    }

    /** The watched values that nodes make, by name, in a float run. */
    public Map<String, Tensor> values(Map<String, Tensor> inputs) {
        return whole.run(inputs);
    }

    /**
     * What nodes make in float of values given for those they read.
     *
     * @param inputs the model's inputs
     * @param given a tensor for each watched value
     */
    public Map<String, Tensor> remade(Map<String, Tensor> inputs, Map<String, Tensor> given) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        Set<String> wanted = Set.copyOf(cut.inputs());
        inputs.forEach((name, tensor) -> {
            if (wanted.contains(name)) {
                all.put(name, tensor);
            }
        });
        given.forEach((name, tensor) -> {
            if (watched.contains(name)) {
                all.put(GIVEN + name, tensor);
            }
        });
        return cut.run(all);
    }

    @Override
    public void close() {
        whole.close();
        cut.close();
    }
}
