package dev.sardonyx.importer;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.FunctionProto;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.importer.proto.SparseTensorProto;
import dev.sardonyx.importer.proto.StringStringEntryProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a model field by field. The outermost two messages are walked by hand, so that each initialiser goes from the stream into
 * its array without the file ever being held as a whole; nodes are small and are parsed by protobuf's own code.
 */
final class ModelReader {
    private static final ExtensionRegistryLite NO_EXTENSIONS = ExtensionRegistryLite.getEmptyRegistry();
    private static final int BUFFER = 1 << 16;

    private final CodedInputStream in;
    private final @Nullable FileChannel file;
    private final ExternalData external;
    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, Stored> constants = new LinkedHashMap<>();
    private final List<String> constantNodes = new ArrayList<>();
    private final Map<String, Long> opsets = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<FunctionProto> functions = new ArrayList<>();
    private String producerName = "";
    private String producerVersion = "";
    private boolean graphSeen;
    private boolean recognised;

    private ModelReader(CodedInputStream in, @Nullable FileChannel file, ExternalData external) {
        this.in = in;
        this.file = file;
        this.external = external;
    }

    static ModelFile read(Path file) {
        long size;
        try {
            if (Files.isDirectory(file)) {
                throw new ImportException(Kind.UNREADABLE, "'" + file + "' is a directory; expected an .onnx file");
            }
            size = Files.size(file);
        } catch (IOException e) {
            throw new ImportException(Kind.UNREADABLE, "cannot read '" + file + "': no such file", e);
        }
        if (size > Integer.MAX_VALUE) {
            throw new ImportException(Kind.NOT_ONNX, "'" + file + "' has " + size
                    + " bytes; a protobuf file ends at 2 GiB (larger models keep their tensors in external data files)");
        }
        Path directory = file.toAbsolutePath().getParent();
        try (FileChannel channel = FileChannel.open(file)) {
            CodedInputStream in = CodedInputStream.newInstance(Channels.newInputStream(channel), BUFFER);
            return read(new ModelReader(in, channel, new ExternalData(directory)), (int) size, "'" + file + "'");
        } catch (IOException e) {
            throw new ImportException(Kind.UNREADABLE, "cannot read '" + file + "': " + e.getMessage(), e);
        }
    }

    static ModelFile read(byte[] bytes, Path directory) {
        return read(new ModelReader(CodedInputStream.newInstance(bytes), null, new ExternalData(directory)), bytes.length, "the model");
    }

    private static ModelFile read(ModelReader reader, int size, String where) {
        CodedInputStream in = reader.in;
        try {
            in.setSizeLimit(Integer.MAX_VALUE);
            in.pushLimit(size);
            reader.model();
        } catch (InvalidProtocolBufferException e) {
            if (!reader.recognised) {
                throw notOnnx(where, size, e.getMessage(), e);
            }
            boolean ended = in.getTotalBytesRead() >= size;
            throw new ImportException(ended ? Kind.TRUNCATED : Kind.MALFORMED, where + (ended ? ": truncated: it ends" : ": malformed")
                    + " at byte " + in.getTotalBytesRead() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ImportException(Kind.UNREADABLE, where + ": reading failed at byte " + in.getTotalBytesRead() + ": " + e.getMessage(), e);
        } catch (ImportException e) {
            if (!reader.recognised) {
                throw notOnnx(where, size, e.getMessage(), e);
            }
            throw new ImportException(e.kind(), where + ": " + (e.kind() == Kind.TRUNCATED ? "truncated: " : "") + e.getMessage(), e);
        }
        if (!reader.graphSeen) {
            throw notOnnx(where, size, "no graph in it", null);
        }
        if (reader.opsets.isEmpty()) {
            throw new ImportException(Kind.MALFORMED, where + ": opset_import is missing; expected the version of each operator domain in use");
        }
        String producer = (reader.producerName + " " + reader.producerVersion).strip();
        return new ModelFile(producer, reader.opsets, reader.metadata, reader.graph.build(), reader.constants, reader.constantNodes,
                reader.functions, reader.external);
    }

    private static ImportException notOnnx(String where, int size, String problem, @Nullable Exception cause) {
        String message = where + " is not an ONNX model: " + (size == 0 ? "it is empty" : problem);
        return cause == null ? new ImportException(Kind.NOT_ONNX, message) : new ImportException(Kind.NOT_ONNX, message, cause);
    }

    private void model() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case ModelProto.IR_VERSION_FIELD_NUMBER << 3 -> recognised |= in.readInt64() > 0;
                case ModelProto.PRODUCER_NAME_FIELD_NUMBER << 3 | 2 -> producerName = in.readString();
                case ModelProto.PRODUCER_VERSION_FIELD_NUMBER << 3 | 2 -> producerVersion = in.readString();
                case ModelProto.GRAPH_FIELD_NUMBER << 3 | 2 -> graph();
                case ModelProto.OPSET_IMPORT_FIELD_NUMBER << 3 | 2 -> {
                    OperatorSetIdProto opset = message(OperatorSetIdProto.parser(), "opset_import");
                    opsets.put(Domains.normal(opset.getDomain()), opset.getVersion());
                }
                case ModelProto.METADATA_PROPS_FIELD_NUMBER << 3 | 2 -> {
                    StringStringEntryProto entry = message(StringStringEntryProto.parser(), "metadata_props");
                    metadata.put(entry.getKey(), entry.getValue());
                }
                case ModelProto.FUNCTIONS_FIELD_NUMBER << 3 | 2 -> functions.add(message(FunctionProto.parser(), "functions"));
                default -> in.skipField(tag);
            }
        }
        in.checkLastTagWas(0);
    }

    private void graph() throws IOException {
        int outer = enter("the graph");
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case GraphProto.NODE_FIELD_NUMBER << 3 | 2 -> node(message(NodeProto.parser(), "node " + graph.getNodeCount()));
                case GraphProto.NAME_FIELD_NUMBER << 3 | 2 -> graph.setName(in.readString());
                case GraphProto.INITIALIZER_FIELD_NUMBER << 3 | 2 -> {
                    String place = "initialiser " + constants.size();
                    int graphLimit = enter(place);
                    TensorDecoder.Named tensor = TensorDecoder.decode(in, file, external, place);
                    in.popLimit(graphLimit);
                    constant(tensor.name(), tensor.stored());
                    graphSeen = true;
                }
                case GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER << 3 | 2 -> {
                    SparseTensorProto sparse = message(SparseTensorProto.parser(), "sparse_initializer");
                    constant(sparse.getValues().getName(), SparseTensors.decode(sparse, external));
                }
                case GraphProto.INPUT_FIELD_NUMBER << 3 | 2 -> graph.addInput(message(ValueInfoProto.parser(), "graph input"));
                case GraphProto.OUTPUT_FIELD_NUMBER << 3 | 2 -> graph.addOutput(message(ValueInfoProto.parser(), "graph output"));
                default -> in.skipField(tag);
            }
        }
        in.checkLastTagWas(0);
        in.popLimit(outer);
        graphSeen |= graph.getNodeCount() > 0 || graph.getOutputCount() > 0;
    }

    private int enter(String what) throws IOException {
        int length = in.readRawVarint32();
        Wire.requireAvailable(in, length, what);
        return in.pushLimit(length);
    }

    private <T extends MessageLite> T message(Parser<T> parser, String what) throws IOException {
        int outer = enter(what);
        T message = parser.parseFrom(in, NO_EXTENSIONS);
        in.checkLastTagWas(0);
        in.popLimit(outer);
        recognised = true;
        return message;
    }

    /** Keeps a node; one that only holds a tensor becomes a constant. */
    private void node(NodeProto node) {
        if (node.getOpType().equals("Constant") && Domains.normal(node.getDomain()).isEmpty() && node.getOutputCount() == 1
                && node.getAttributeCount() == 1) {
            AttributeProto attribute = node.getAttribute(0);
            if (attribute.getName().equals("value") && attribute.hasT()) {
                constant(node.getOutput(0), TensorDecoder.decode(attribute.getT(), external));
                constantNodes.add(node.getOutput(0));
                return;
            }
        }
        graph.addNode(node);
    }

    private void constant(String name, Stored stored) {
        if (name.isEmpty()) {
            throw new ImportException(Kind.MALFORMED, "initialiser " + constants.size() + " has no name");
        }
        if (constants.put(name, stored) != null) {
            throw new ImportException(Kind.MALFORMED, "two constants are named '" + name + "'");
        }
    }
}
