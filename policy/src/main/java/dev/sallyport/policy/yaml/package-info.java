/** YAML documents as trees that keep their lines. Strict: what has two readings (duplicate keys, tags, aliases) is a defect. */
@NullMarked
package dev.sallyport.policy.yaml;

import org.jspecify.annotations.NullMarked;
