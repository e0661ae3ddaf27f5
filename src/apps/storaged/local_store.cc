#include "apps/storaged/local_store.h"

#include <utility>

#include "apps/process.h"

namespace tarn::apps {

Result<std::unique_ptr<LocalStore>> LocalStore::open(const std::filesystem::path& folder, const Clock& clock,
                                                     Random& random, Metrics& metrics) {
  TARN_TRY_VOID(prepare_folder(folder));
  std::unique_ptr<LocalStore> made(new LocalStore());
  auto opened = store::DiskStore::open({.folder = folder.string()}, made->disk_, clock, random, metrics);
  if (!opened && opened.error().code == ErrorCode::kConflict) {
    return failure(ErrorCode::kConflict, "another process already uses the folder " + folder.string() +
                                             ": stop it, or choose another folder with --data");
  }
  TARN_TRY(made->store_, std::move(opened));
  return made;
}

}  // namespace tarn::apps
