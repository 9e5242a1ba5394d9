/** Tensors in files: numpy's, MNIST's, ONNX's, pictures and tables, and how they become a model's inputs. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.reference.files;
