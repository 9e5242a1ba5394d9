/** Random models through ONNX Runtime and through Sardonyx, compared. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.test.differential;
