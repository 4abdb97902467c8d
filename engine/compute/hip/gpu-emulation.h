/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs HIP kernels on the CPU, for tests alone: what gpu.h takes the place of a GPU's launch and
 * run-time library from. It lies beside gpu.h because kernels are compiled with either.
 *
 * Blocks run one after another; every GPU thread of a block is a fiber, which runs until it waits
 * at
 * __syncthreads() or in a shuffle. What a GPU leaves undefined stops the program with file, line
 * and thread: a barrier or shuffle that part of the block never reaches, two different barriers at
 * once, odd group sizes. Device memory and shared memory start as NaN. Device memory can be touched
 * by kernels and copies only: the host that reads or writes it gets a segmentation fault (but under
 * AddressSanitizer, which sees a step beyond it instead).
 *
 * GPU_EMULATION_ORDER=forward|reverse|<seed> is the order in which blocks and threads run: a
 * missing barrier gives another result in one of them. With -fsanitize=thread each GPU thread is a
 * thread to TSan, which reports every data race within a block that no __syncthreads() orders.
 *
 * Needs g++, C++17, x86-64 (others: ucontext, slower) and -fno-strict-aliasing.
 */
#pragma once
#include "compute/hip/gpu-emulation-language.h"

namespace gpu_emu
{

constexpr unsigned max_threads = 1024;
constexpr size_t stack_size = 256 << 10, shared_max = 64 << 10, device_max = (size_t) 1 << 30;

struct fiber
{
  void *sp, *asan, *tsan;
  const void *stack;
  size_t size;
  unsigned t; /* the GPU thread that it runs */
  fiber *next;
  GPU_EMU_UC (ucontext_t uc;)
};
struct queue
{
  fiber *head, **tail;
};
struct group
{
  unsigned arrived, phase, from;
  const char *file;
  int line;
  queue waiting;
  uint64_t val[2][32];
};

inline void *shared; /* a block's, of shared_size bytes: NULL until a thread asks */
inline size_t shared_size;
inline fiber main_fiber, *cur, *idle, *finished;
inline queue ready, barrier;
inline unsigned n_threads, n_started, n_done, n_barrier, phase;
inline const char *barrier_file;
inline int barrier_line;
inline unsigned perm[max_threads];
inline group groups[max_threads / 32];
inline void (*body) (void *);
inline void *body_arg;
inline char sync_point[5]; /* TSan: two barriers, block start, block end, shared memory */

[[noreturn]] GPU_EMU_RAW inline void
die (const char *what, const char *file, int line)
{
  fprintf (stderr, "gpu_emu: %s\n", what);
  if (file)
    fprintf (stderr, "  at %s:%d\n", file, line);
  fprintf (
      stderr,
      "  block (%u,%u,%u) thread (%u,%u,%u) of %u: %u started, %u returned, %u at __syncthreads\n",
      blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z, n_threads,
      n_started, n_done, n_barrier);
  abort ();
}

} // namespace gpu_emu

#include "compute/hip/gpu-emulation-memory.h"

namespace gpu_emu
{

GPU_EMU_RAW inline void
push (queue *q, fiber *f)
{
  f->next = nullptr;
  if (!q->head)
    q->tail = &q->head;
  *q->tail = f;
  q->tail = &f->next;
}
GPU_EMU_RAW inline fiber *
pop (queue *q)
{
  fiber *f = q->head;
  q->head = f->next;
  return f;
}
GPU_EMU_RAW inline void
wake (queue *q)
{
  while (q->head)
    push (&ready, pop (q));
}

GPU_EMU_X64 (extern "C" void gpu_emu_switch (void **save, void *to);
             asm (".pushsection .text.gpu_emu_switch,\"axG\",@progbits,gpu_emu_switch,comdat\n"
                  ".weak gpu_emu_switch\n.hidden gpu_emu_switch\n.type "
                  "gpu_emu_switch,@function\ngpu_emu_switch:\n"
                  "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
                  "mov %rsp,(%rdi)\nmov %rsi,%rsp\n"
                  "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n"
                  ".size gpu_emu_switch,.-gpu_emu_switch\n.popsection\n");)

GPU_EMU_RAW inline void
place () /* sets threadIdx for the running fiber */
{
  unsigned t = cur->t;
  threadIdx = { t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y) };
}

GPU_EMU_ASAN (GPU_EMU_RAW inline void asan_arrived (void *fake) {
  const void *stack;
  size_t size;
  __sanitizer_finish_switch_fiber (fake, &stack, &size);
  if (!main_fiber.stack) /* the first switch of a launch comes from main_fiber */
    main_fiber.stack = stack, main_fiber.size = size;
})

GPU_EMU_RAW inline void
switch_to (fiber *to)
{
  fiber *from = cur;
  cur = to;
  GPU_EMU_ASAN (__sanitizer_start_switch_fiber (&from->asan, to->stack, to->size);)
  GPU_EMU_TSAN (__tsan_switch_to_fiber (to->tsan, __tsan_switch_to_fiber_no_sync);)
  GPU_EMU_X64 (gpu_emu_switch (&from->sp, to->sp);)
  GPU_EMU_UC (swapcontext (&from->uc, &to->uc);)
  GPU_EMU_ASAN (asan_arrived (cur->asan);)
  if (cur != &main_fiber)
    place ();
}

GPU_EMU_RAW inline fiber *new_fiber ();

/* Gives the CPU to another fiber; the caller has queued itself where it waits. */
GPU_EMU_RAW inline void
switch_away ()
{
  if (n_started < n_threads)
    {
      fiber *f = idle;
      if (f)
        idle = f->next;
      else
        f = new_fiber ();
      switch_to (f);
    }
  else if (ready.head)
    switch_to (pop (&ready));
  else if (n_done == n_threads)
    switch_to (&main_fiber);
  else
    {
      for (group &g : groups)
        if (g.waiting.head)
          die ("a shuffle waits for lanes that never come (they returned, or wait elsewhere)",
               g.file, g.line);
      die ("__syncthreads() waits for threads that have returned", barrier_file, barrier_line);
    }
}

GPU_EMU_RAW inline void
fiber_main ()
{
  GPU_EMU_ASAN (asan_arrived (nullptr);)
  for (;;)
    {
      while (n_started < n_threads)
        {
          cur->t = perm[n_started++];
          place ();
          GPU_EMU_TSAN (__tsan_acquire (&sync_point[2]);)
          body (body_arg);
          GPU_EMU_TSAN (__tsan_release (&sync_point[3]);)
          n_done++;
          GPU_EMU_TSAN (break;) /* one GPU thread, one TSan thread */
        }
      fiber **list = &idle;
      GPU_EMU_TSAN (list = &finished;)
      cur->next = *list;
      *list = cur;
      switch_away ();
    }
}

GPU_EMU_RAW inline fiber *
new_fiber ()
{
  fiber *f = static_cast<fiber *> (calloc (1, sizeof *f));
  size_t guard = 64 << 10;
  char *m = static_cast<char *> (mmap (nullptr, stack_size + guard, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (!f || m == MAP_FAILED || mprotect (m, guard, PROT_NONE))
    die ("no memory for a fiber", nullptr, 0);
  f->stack = m + guard;
  f->size = stack_size;
  GPU_EMU_TSAN (f->tsan = __tsan_create_fiber (0);)
  GPU_EMU_X64 (void **sp = reinterpret_cast<void **> (m + guard + stack_size)
                           - 8; /* six registers, pc, alignment */
               sp[6] = reinterpret_cast<void *> (&fiber_main); f->sp = sp;)
  GPU_EMU_UC (getcontext (&f->uc); f->uc.uc_stack.ss_sp = m + guard;
              f->uc.uc_stack.ss_size = stack_size; makecontext (&f->uc, &fiber_main, 0);)
  return f;
}

GPU_EMU_RAW inline void
shuffle_order (unsigned *v, unsigned n)
{
  static const char *order = getenv ("GPU_EMULATION_ORDER");
  static uint64_t seed = order ? strtoull (order, nullptr, 10) : 0;
  bool rev = order && !strcmp (order, "reverse");
  for (unsigned i = 0; i < n; i++)
    v[i] = rev ? n - 1 - i : i;
  for (unsigned i = n; seed && i > 1; i--)
    {
      seed ^= seed << 13;
      seed ^= seed >> 7;
      seed ^= seed << 17;
      unsigned j = (unsigned) (seed % i), x = v[i - 1];
      v[i - 1] = v[j];
      v[j] = x;
    }
}

/* Exactly as much as the kernel's struct has, so that AddressSanitizer sees a step beyond. */
GPU_EMU_RAW inline void *
take_shared (size_t size)
{
  static size_t room;
  if (size > shared_max)
    die ("more shared memory than a GPU has", nullptr, 0);
  if (shared_size == 0)
    {
      if (size != room)
        {
          free (shared);
          if (posix_memalign (&shared, 64, room = size))
            die ("no memory for a block", nullptr, 0);
        }
      shared_size = size;
      memset (shared, 0xff, size);
      GPU_EMU_TSAN (__tsan_release (&sync_point[4]);)
    }
  else if (shared_size != size)
    die ("two structs of shared memory in one kernel", nullptr, 0);
  GPU_EMU_TSAN (__tsan_acquire (&sync_point[4]);)
  return shared;
}

GPU_EMU_RAW inline void
run (dim3 grid, dim3 block, void (*fn) (void *), void *arg)
{
  access guard; /* launches from several OS threads wait for each other */
  static unsigned *blocks, blocks_cap;
  unsigned n_blocks = grid.x * grid.y * grid.z;
  n_threads = block.x * block.y * block.z;
  if (!n_blocks || !n_threads || n_threads > max_threads || grid.y > 65535 || grid.z > 65535
      || grid.x > 0x7fffffff)
    die ("a launch that a GPU refuses (grid or block)", nullptr, 0);
  if (n_blocks > blocks_cap)
    blocks = static_cast<unsigned *> (realloc (blocks, sizeof *blocks * (blocks_cap = n_blocks)));
  shuffle_order (blocks, n_blocks);
  gridDim = grid;
  blockDim = block;
  body = fn;
  body_arg = arg;
  cur = &main_fiber;
  main_fiber.stack = nullptr;
  GPU_EMU_TSAN (main_fiber.tsan = __tsan_get_current_fiber ();)
  for (unsigned i = 0; i < n_blocks; i++)
    {
      unsigned b = blocks[i];
      blockIdx = { b % grid.x, b / grid.x % grid.y, b / (grid.x * grid.y) };
      shuffle_order (perm, n_threads);
      shared_size = 0;
      n_started = n_done = n_barrier = 0;
      for (fiber *f; (f = finished); f->next = idle, idle = f)
        finished = f->next;
      GPU_EMU_TSAN (__tsan_release (&sync_point[2]);)
      switch_away ();
      GPU_EMU_TSAN (__tsan_acquire (&sync_point[3]);)
    }
  body_arg = nullptr;
}

bool begins ();

template <typename... P, typename... A>
void
launch (void (*kernel) (P...), dim3 grid, dim3 block, void *, A... args)
{
  if (!begins ())
    return;
  auto call = [&] { kernel (args...); };
  run (grid, block, [] (void *f) { (*static_cast<decltype (call) *> (f)) (); }, &call);
}

/* One lane gives v and gets what lane src of its group gave. */
GPU_EMU_RAW inline uint64_t
exchange (uint64_t v, unsigned src, unsigned kind, const char *file, int line)
{
  unsigned t = cur->t, lane = t % 32;
  group *g = &groups[t / 32];
  if (n_threads % 32)
    die ("a shuffle in a block whose size is no multiple of 32", file, line);
  if (g->arrived && (g->line != line || g->from != kind || strcmp (g->file, file)))
    die ("lanes of one group are at two different shuffles", file, line);
  unsigned ph = g->phase;
  g->file = file;
  g->line = line;
  g->from = kind;
  g->val[ph & 1][lane] = v;
  if (++g->arrived == 32)
    {
      g->arrived = 0;
      g->phase++;
      wake (&g->waiting);
    }
  else
    {
      push (&g->waiting, cur);
      switch_away ();
    }
  return g->val[ph & 1][src % 32];
}
template <typename T>
GPU_EMU_RAW T
exchange_as (T v, unsigned src, unsigned kind, const char *file, int line)
{
  static_assert (sizeof (T) <= 8, "shuffles move 4 or 8 bytes");
  uint64_t u = 0;
  memcpy (&u, &v, sizeof v);
  u = exchange (u, src, kind, file, line);
  memcpy (&v, &u, sizeof v);
  return v;
}

} // namespace gpu_emu

GPU_EMU_RAW inline void
__syncthreads (GPU_EMU_HERE)
{
  using namespace gpu_emu;
  if (n_barrier && (barrier_line != line || strcmp (barrier_file, file)))
    die ("threads of one block are at two different __syncthreads()", file, line);
  barrier_file = file;
  barrier_line = line;
  GPU_EMU_TSAN (char *s = &sync_point[phase & 1];)
  GPU_EMU_TSAN (__tsan_release (s);)
  if (++n_barrier == n_threads)
    {
      n_barrier = 0;
      phase++;
      wake (&barrier);
    }
  else
    {
      push (&barrier, cur);
      switch_away ();
    }
  GPU_EMU_TSAN (__tsan_acquire (s);)
}

template <typename T>
inline T
gpu_shuffle_xor (T v, int mask, GPU_EMU_HERE)
{
  return gpu_emu::exchange_as (v, gpu_emu::cur->t % 32 ^ (unsigned) mask, 2, file, line);
}

#define GPU_LAUNCH(kernel, grid, block, stream, ...)                                               \
  gpu_emu::launch (kernel, grid, block, stream, __VA_ARGS__)

#include "compute/hip/gpu-emulation-api.h"
