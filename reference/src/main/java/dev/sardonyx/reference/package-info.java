/** The plaintext side: ONNX Runtime, and how close an answer is to its. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.reference;
