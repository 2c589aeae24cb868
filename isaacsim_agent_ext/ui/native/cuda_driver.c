/* A CUDA driver without devices, for machines that have none.
 *
 * The omni.ui wheel is linked to libcuda.so.1, though it draws without CUDA. This library stands in for it: what omni.ui
 * calls answers "no device", and so does everything that a program asks for by name, once it was told that there are
 * none. Built and loaded by isaacsim_agent_ext/ui/libraries.py where there is no driver, and there only.
 */
#include <string.h>

enum { SUCCESS = 0, NO_DEVICE = 100 };

static int answer_nothing(void) { return NO_DEVICE; }
static int initialise(unsigned flags) { (void)flags; return SUCCESS; }
static int tell_version(int *version) { *version = 12000; return SUCCESS; }
static int count_devices(int *count) { *count = 0; return SUCCESS; }

int cuGetProcAddress(const char *name, void **function, int version, unsigned long long flags)
{
    (void)version, (void)flags;
    *function = (void *)answer_nothing;
    if (!strcmp(name, "cuInit")) *function = (void *)initialise;
    if (!strcmp(name, "cuDriverGetVersion")) *function = (void *)tell_version;
    if (!strcmp(name, "cuDeviceGetCount")) *function = (void *)count_devices;
    return SUCCESS;
}

/* What omni.ui is linked to. */
#define NOTHING(name) int name(void) { return NO_DEVICE; }
NOTHING(cuInit)
NOTHING(cuDeviceGet)
NOTHING(cuCtxCreate_v2)
NOTHING(cuCtxDestroy_v2)
NOTHING(cuImportExternalMemory)
NOTHING(cuDestroyExternalMemory)
NOTHING(cuExternalMemoryGetMappedBuffer)
NOTHING(cuMemcpyDtoH_v2)
