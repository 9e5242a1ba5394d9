/** Tests of plans as a whole: predicted against measured cost, passes, refusals. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.test.plan;
