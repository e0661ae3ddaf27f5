#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/bucket_store.h"
#include "store/object_store.h"

namespace tarn::store {

/// One property that users of a store rely on, and whether it was seen to hold.
struct ProbeCheck {
  std::string name;  ///< "conditional create"
  bool is_passed = false;
  std::string finding;  ///< "8 writers raced, 1 won"
};

struct ProbeOptions {
  std::string bucket = "lake";
  /// Scratch keys begin with it: unique to this probe, so that two at once do not meet. Removed at the end.
  std::string prefix;
  std::size_t writers = 8;  ///< that race
};

/// Whether conditional puts mean what they say: racing creates and replacements have one winner each, and a stale
/// condition is refused. Without them two catalogs would lose each other's commits. Errors: those of the store (it
/// cannot be reached, refuses the credentials, has no such bucket): then nothing is known of it.
Task<std::vector<ProbeCheck>> probe_conditions(ObjectStore& store, ProbeOptions options, Deadline deadline);

/// The rest of the promise: a listing shows what was put and not what was removed, in order and in pages; ranges cut
/// exactly. Errors: as above.
Task<std::vector<ProbeCheck>> probe_reads(ObjectStore& store, ProbeOptions options, Deadline deadline);

/// Whether a removal can be made conditional, which purging dropped datasets needs. Errors: as above.
Task<ProbeCheck> probe_conditional_remove(BucketStore& store, ProbeOptions options, Deadline deadline);

}  // namespace tarn::store
