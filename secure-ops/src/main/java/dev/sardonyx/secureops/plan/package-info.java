/** What the parties agree on before a run: values, steps and their costs. Holds no weights and no secrets. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.plan;
