using System.Runtime.InteropServices;

namespace KernelGen.Models;

/// <summary>Vectors of a model with a number added to each value: norms that Gemma keeps less 1.</summary>
internal static class ShiftedVector
{
    /// <summary>The vector in float32, in memory.</summary>
    /// <param name="tensor">The vector.</param>
    /// <param name="name">Its new name.</param>
    /// <param name="offset">What is added.</param>
    public static ModelTensor Of(ModelTensor tensor, string name, float offset)
    {
        float[] values = [.. new TensorRows(tensor).ReadAll().Select(value => value + offset)];
        return tensor.Replaced(name, SafetensorsDtype.F32, Bytes(SafetensorsDtype.F32, values));
    }

    /// <summary>
    /// The vector as a checkpoint had it: with the number taken off, and in the type of the checkpoint's matrices if that type keeps every
    /// value. In float32 otherwise.
    /// </summary>
    /// <param name="tensor">The vector.</param>
    /// <param name="name">Its new name.</param>
    /// <param name="offset">What was added.</param>
    /// <param name="dtype">The type of the matrices.</param>
    public static ModelTensor Restored(ModelTensor tensor, string name, float offset, SafetensorsDtype dtype)
    {
        float[] values = new TensorRows(tensor).ReadAll(),
            less = [.. values.Select(value => value - offset)],
            back = new float[values.Length];
        byte[] bytes = Bytes(dtype, less);
        SafetensorsValues.ToSingles(dtype, bytes, back);
        return back.Zip(values).All(pair => pair.First + offset == pair.Second)
            ? tensor.Replaced(name, dtype, bytes)
            : tensor.Replaced(name, SafetensorsDtype.F32, Bytes(SafetensorsDtype.F32, less));
    }

    private static byte[] Bytes(SafetensorsDtype dtype, float[] values)
    {
        switch (dtype)
        {
            case SafetensorsDtype.F16:
                Half[] halves = [.. values.Select(value => (Half)value)];
                return MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();
            case SafetensorsDtype.BF16:
                ushort[] codes = [.. values.Select(Nearest)];
                return MemoryMarshal.AsBytes(codes.AsSpan()).ToArray();
            default:
                var singles = (float[])values.Clone();
                RawFloatFile.LittleEndian(singles);
                return MemoryMarshal.AsBytes(singles.AsSpan()).ToArray();
        }

        static ushort Nearest(float value)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
