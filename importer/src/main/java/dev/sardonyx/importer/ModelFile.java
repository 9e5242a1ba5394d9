package dev.sardonyx.importer;

import dev.sardonyx.importer.proto.FunctionProto;
import dev.sardonyx.importer.proto.GraphProto;
import java.util.List;
import java.util.Map;

/**
 * A model as its file states it, tensors decoded.
 *
 * @param producer who wrote it, as one text
 * @param opsets the version of each operator domain; the default domain is the empty name
 * @param metadata the model's own key-value pairs
 * @param graph nodes, inputs and outputs, without initialisers and without {@code Constant} nodes that hold a tensor
 * @param constants the values of initialisers and of those {@code Constant} nodes, by value name
 * @param constantNodes the names among {@code constants} that came from {@code Constant} nodes
 * @param functions operators that the model defines itself
 * @param external reads tensors that attributes keep beside the model
 */
record ModelFile(String producer, Map<String, Long> opsets, Map<String, String> metadata, GraphProto graph, Map<String, Stored> constants,
        List<String> constantNodes, List<FunctionProto> functions, ExternalData external) {
}
