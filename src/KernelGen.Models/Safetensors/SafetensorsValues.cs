using System.Buffers.Binary;

namespace KernelGen.Models;

/// <summary>Turns the bytes of readable element types into float32.</summary>
internal static class SafetensorsValues
{
    public static void ToSingles(SafetensorsDtype dtype, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (dtype)
        {
            case SafetensorsDtype.F32:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                }
                break;
            case SafetensorsDtype.F64:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                }
                break;
            case SafetensorsDtype.F16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = ScaleCodec.FromHalf(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]));
                }
                break;
            case SafetensorsDtype.BF16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = ScaleCodec.FromBFloat16(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]));
                }
                break;
            case SafetensorsDtype.F8E4M3:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = ScaleCodec.FromE4M3(bytes[i]);
                }
                break;
            case SafetensorsDtype.F8E5M2:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = ScaleCodec.FromHalf((ushort)(bytes[i] << 8)); // E5M2 is binary16 without its lower byte
                }
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not readable as float32.");
        }
    }
}
