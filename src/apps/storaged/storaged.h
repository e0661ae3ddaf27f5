#pragma once

#include "apps/command_line.h"

namespace tarn::apps {

/// The S3-protocol object server on a local disk.
Program storaged_program();

}  // namespace tarn::apps
