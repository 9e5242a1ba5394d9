/** The operator graph: values, operators, shapes and the passes over them. Knows no other module. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.graph;
