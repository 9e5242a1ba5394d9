@org.jspecify.annotations.NullMarked
package dev.sardonyx.test.faults;
