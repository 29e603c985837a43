using System.Buffers.Binary;

namespace KernelGen.Models;

/// <summary>Parts of quantised weights, read as what they are.</summary>
internal static class PartBytes
{
    /// <summary>All bytes of a part that is small compared with the codes.</summary>
    public static byte[] All(this ModelTensor part)
    {
        if (part.Bytes > Array.MaxLength)
        {
            throw new ModelFormatException(part.File, $"it has {part.Bytes} bytes; at most {Array.MaxLength} are read at once.", part.Name);
        }
        var bytes = new byte[part.Bytes];
        part.ReadBytes(0, bytes);
        return bytes;
    }

    /// <summary>All values of a part as float32.</summary>
    public static float[] Numbers(this ModelTensor part) => TensorRows.OfPart(part).ReadAll();

    /// <summary>Whole numbers of a part, I32 or I64.</summary>
    public static int[] Integers(this ModelTensor part)
    {
        byte[] bytes = part.All();
        int width = part.Storage.Dtype == SafetensorsDtype.I64 ? 8 : 4;
        var numbers = new int[bytes.Length / width];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] =
                width == 8
                    ? checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * width)))
                    : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * width));
        }
        return numbers;
    }

    /// <summary>Throws unless a part has a type and shape.</summary>
    public static ModelTensor Require(this ModelTensor part, string types, params long[] shape)
    {
        string type = part.Storage.Dtype?.Name() ?? part.Storage.Name;
        return types.Split(' ').Contains(type) && part.Shape.SequenceEqual(shape)
            ? part
            : throw new ModelFormatException(
                part.File,
                $"it is {type} {part.ShapeText}; next to its codes it has to be "
                    + $"{types.Replace(" ", " or ", StringComparison.Ordinal)} {SafetensorsTensor.ShapeToText(shape)}.",
                part.Name
            );
    }
}
