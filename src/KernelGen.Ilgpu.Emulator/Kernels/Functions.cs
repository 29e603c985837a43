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

        public static int SizeOf<T>()
            where T : unmanaged => Unsafe.SizeOf<T>();
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
                if (
                    BitConverter.SingleToInt32Bits(Interlocked.CompareExchange(ref target, seen + value, seen))
                    == BitConverter.SingleToInt32Bits(seen)
                )
                {
                    return seen;
                }
            }
        }

        public static int Exchange(ref int target, int value) => Interlocked.Exchange(ref target, value);

        public static int CompareExchange(ref int target, int compare, int value) =>
            Interlocked.CompareExchange(ref target, value, compare);
    }
}
