/**
 * What services can be watched by: counters and gauges in Prometheus' text form, and probes. Labels are names from configuration and
 * models that are there, never what somebody sent.
 */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.metrics;
