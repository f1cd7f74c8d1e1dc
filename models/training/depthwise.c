// Depthwise convolution between two ReLU6, forwards and backwards, in bfloat16: y = relu6(bias + w * relu6(x)).
// Where a shape is `open` the outer ReLU6 is left out. PyTorch has no fast kernel for the gradients on a CPU.
// Pictures lie as [height][width][channels]; channels are a multiple of 16.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef float lanes __attribute__((vector_size(64)));
typedef uint32_t bits __attribute__((vector_size(64)));
typedef uint16_t halves __attribute__((vector_size(32), aligned(2)));
enum { LANES = 16 };

static inline lanes load(const uint16_t *p) { return (lanes)(__builtin_convertvector(*(const halves *)p, bits) << 16); }
static inline void store(uint16_t *p, lanes v) {
  bits b = (bits)v;
  *(halves *)p = __builtin_convertvector((b + 0x7fff + ((b >> 16) & 1)) >> 16, halves);
}
static inline lanes relu6(lanes v) {
  v = (lanes)((bits)v & (bits)(v > 0));
  bits over = (bits)(v > 6);
  return (lanes)(((bits)v & ~over) | ((bits)(v * 0 + 6) & over));
}
static inline lanes where_inside(lanes v, lanes gradient) { return (lanes)((bits)gradient & (bits)(v > 0) & (bits)(v < 6)); }

typedef struct { int batch, height, width, channels, out_height, out_width, stride, top, left, open; } shape;

static inline int span(int a, int b) { return a > b ? a : b; }

// relu6 of 16 channels of a picture, with room around it for the kernel.
static void padded(const uint16_t *x, lanes *into, const shape *s, int wide, int high) {
  memset(into, 0, sizeof(lanes) * wide * high);
  for (int y = 0; y < s->height; y++)
    for (int k = 0; k < s->width; k++)
      into[(y + s->top) * wide + k + s->left] = relu6(load(x + ((size_t)y * s->width + k) * s->channels));
}

#define KERNEL(K)                                                                                                                            \
  static void forward##K(const uint16_t *x, const float *w, const float *bias, uint16_t *y, const shape *s, lanes *room) {                   \
    int wide = span(s->left + s->width, (s->out_width - 1) * s->stride + K), high = span(s->top + s->height, (s->out_height - 1) * s->stride + K); \
    for (int b = 0; b < s->batch; b++)                                                                                                       \
      for (int c = 0; c < s->channels; c += LANES) {                                                                                         \
        padded(x + (size_t)b * s->height * s->width * s->channels + c, room, s, wide, high);                                                 \
        uint16_t *to = y + (size_t)b * s->out_height * s->out_width * s->channels + c;                                                       \
        lanes f[K * K], base;                                                                                                                \
        memcpy(&base, bias + c, sizeof base);                                                                                                \
        for (int i = 0; i < K * K; i++) memcpy(&f[i], w + i * s->channels + c, sizeof(lanes));                                               \
        for (int v = 0; v < s->out_height; v++)                                                                                              \
          for (int u = 0; u < s->out_width; u++) {                                                                                           \
            const lanes *from = room + v * s->stride * wide + u * s->stride;                                                                 \
            lanes sum = base;                                                                                                                \
            for (int i = 0; i < K; i++)                                                                                                      \
              for (int j = 0; j < K; j++) sum += f[i * K + j] * from[i * wide + j];                                                          \
            store(to + ((size_t)v * s->out_width + u) * s->channels, s->open ? sum : relu6(sum));                                            \
          }                                                                                                                                  \
      }                                                                                                                                      \
  }                                                                                                                                          \
  static void backward##K(const uint16_t *x, const float *w, const uint16_t *y, const uint16_t *dy, uint16_t *dx, float *dw,                 \
                          float *dbias, const shape *s, lanes *room, lanes *back) {                                                          \
    int wide = span(s->left + s->width, (s->out_width - 1) * s->stride + K), high = span(s->top + s->height, (s->out_height - 1) * s->stride + K); \
    for (int b = 0; b < s->batch; b++)                                                                                                       \
      for (int c = 0; c < s->channels; c += LANES) {                                                                                         \
        size_t in = (size_t)b * s->height * s->width * s->channels + c, out = (size_t)b * s->out_height * s->out_width * s->channels + c;    \
        padded(x + in, room, s, wide, high);                                                                                                 \
        memset(back, 0, sizeof(lanes) * wide * high);                                                                                        \
        lanes f[K * K], sums[K * K], total;                                                                                                  \
        memcpy(&total, dbias + c, sizeof total);                                                                                             \
        for (int i = 0; i < K * K; i++) memcpy(&sums[i], dw + i * s->channels + c, sizeof(lanes));                                           \
        for (int v = 0; v < s->out_height; v++)                                                                                              \
          for (int u = 0; u < s->out_width; u++) {                                                                                           \
            size_t at = out + ((size_t)v * s->out_width + u) * s->channels;                                                                  \
            lanes g = s->open ? load(dy + at) : where_inside(load(y + at), load(dy + at));                                                   \
            const lanes *from = room + v * s->stride * wide + u * s->stride;                                                                 \
            if (s->stride == 1) back[(v + K - 1 - s->top) * wide + u + K - 1 - s->left] = g;                                                 \
            total += g;                                                                                                                      \
            for (int i = 0; i < K; i++)                                                                                                      \
              for (int j = 0; j < K; j++) sums[i * K + j] += g * from[i * wide + j];                                                         \
          }                                                                                                                                  \
        memcpy(dbias + c, &total, sizeof total);                                                                                             \
        for (int i = 0; i < K * K; i++) memcpy(dw + i * s->channels + c, &sums[i], sizeof(lanes));                                           \
        for (int i = 0; i < K * K; i++) memcpy(&f[i], w + i * s->channels + c, sizeof(lanes));                                               \
        if (s->stride == 1) { /* each input sums what it was used for */                                                                     \
          for (int v = 0; v < s->height; v++)                                                                                                \
            for (int u = 0; u < s->width; u++) {                                                                                             \
              const lanes *from = back + v * wide + u;                                                                                       \
              lanes sum = {0};                                                                                                               \
              for (int i = 0; i < K; i++)                                                                                                    \
                for (int j = 0; j < K; j++) sum += f[K * K - 1 - i * K - j] * from[i * wide + j];                                            \
              size_t at = in + ((size_t)v * s->width + u) * s->channels;                                                                     \
              store(dx + at, where_inside(load(x + at), sum));                                                                               \
            }                                                                                                                                \
          continue;                                                                                                                          \
        }                                                                                                                                    \
        for (int v = 0; v < s->out_height; v++) /* each output adds to what it was made of */                                                \
          for (int u = 0; u < s->out_width; u++) {                                                                                           \
            size_t at = out + ((size_t)v * s->out_width + u) * s->channels;                                                                  \
            lanes g = s->open ? load(dy + at) : where_inside(load(y + at), load(dy + at));                                                   \
            lanes *to = back + v * s->stride * wide + u * s->stride;                                                                         \
            for (int i = 0; i < K; i++)                                                                                                      \
              for (int j = 0; j < K; j++) to[i * wide + j] += g * f[i * K + j];                                                              \
          }                                                                                                                                  \
        for (int v = 0; v < s->height; v++)                                                                                                  \
          for (int u = 0; u < s->width; u++) {                                                                                               \
            size_t at = in + ((size_t)v * s->width + u) * s->channels;                                                                       \
            store(dx + at, where_inside(load(x + at), back[(v + s->top) * wide + u + s->left]));                                             \
          }                                                                                                                                  \
      }                                                                                                                                      \
  }

KERNEL(3)
KERNEL(5)

static lanes *room_for(const shape *s, int kernel) {
  size_t cells = (size_t)(s->height + s->stride * kernel + kernel) * (s->width + s->stride * kernel + kernel);
  return aligned_alloc(64, cells * sizeof(lanes));
}

// w [kernel*kernel][channels] and bias in float32. 0: done, 1: this kernel is not here.
int depthwise_forward(const uint16_t *x, const float *w, const float *bias, uint16_t *y, int kernel, const shape *s) {
  if (kernel != 3 && kernel != 5) return 1;
  lanes *room = room_for(s, kernel);
  (kernel == 3 ? forward3 : forward5)(x, w, bias, y, s, room);
  free(room);
  return 0;
}

// dw and dbias come in as zeros.
int depthwise_backward(const uint16_t *x, const float *w, const uint16_t *y, const uint16_t *dy, uint16_t *dx, float *dw, float *dbias, int kernel, const shape *s) {
  if (kernel != 3 && kernel != 5) return 1;
  lanes *room = room_for(s, kernel), *back = room_for(s, kernel);
  (kernel == 3 ? backward3 : backward5)(x, w, y, dy, dx, dw, dbias, s, room, back);
  free(room);
  free(back);
  return 0;
}
