/** ONNX bytes to operator graph: reading the file, translating every node, opset by opset. Knows the graph and nothing after it. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.importer;
