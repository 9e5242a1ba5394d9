@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.metrics;
