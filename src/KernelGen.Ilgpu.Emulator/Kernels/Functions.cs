using System.Numerics;
using System.Runtime.CompilerServices;

namespace ILGPU
{
    public static class Interop
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint FloatAsInt(float value) => BitConverter.SingleToUInt32Bits(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float IntAsFloat(uint value) => BitConverter.UInt32BitsToSingle(value);

        public static int SizeOf<T>() where T : unmanaged => Unsafe.SizeOf<T>();
    }

    public static class IntrinsicMath
    {
        public static int PopCount(uint value) => BitOperations.PopCount(value);

        public static int PopCount(int value) => BitOperations.PopCount((uint)value);

        public static int TrailingZeroCount(uint value) => BitOperations.TrailingZeroCount(value);

        public static int LeadingZeroCount(uint value) => BitOperations.LeadingZeroCount(value);

        public static int Min(int first, int second) => Math.Min(first, second);

        public static int Max(int first, int second) => Math.Max(first, second);

        public static float Min(float first, float second) => Math.Min(first, second);

        public static float Max(float first, float second) => Math.Max(first, second);

        public static float Abs(float value) => Math.Abs(value);

        public static int Abs(int value) => Math.Abs(value);

        public static int Clamp(int value, int min, int max) => Math.Clamp(value, min, max);
    }

    public static class Atomic
    {
        public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

        public static float Add(ref float target, float value)
        {
            while (true)
            {
                float seen = target;
                if (BitConverter.SingleToInt32Bits(Interlocked.CompareExchange(ref target, seen + value, seen)) == BitConverter.SingleToInt32Bits(seen))
                {
                    return seen;
                }
            }
        }

        public static int Exchange(ref int target, int value) => Interlocked.Exchange(ref target, value);

        public static int CompareExchange(ref int target, int compare, int value) => Interlocked.CompareExchange(ref target, value, compare);
    }
}

namespace ILGPU.Runtime.Cuda
{
    /// <summary>Inline PTX. It does not exist outside of CUDA: kernels ask <see cref="IsSupported"/> and have another way.</summary>
    public static class CudaAsm
    {
        public static bool IsSupported => false;

        public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(
            string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8, ref T9 arg9)
            where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
            => throw new NotSupportedException("Inline PTX runs on CUDA only; ask CudaAsm.IsSupported.");
    }
}
