namespace KernelGen.Models;

/// <summary>Types of metadata values in a GGUF file, with their numbers in the file.</summary>
public enum GgufValueType : uint
{
    /// <summary>Unsigned byte.</summary>
    UInt8,

    /// <summary>Signed byte.</summary>
    Int8,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>Signed 16-bit integer.</summary>
    Int16,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>binary32.</summary>
    Float32,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Length as 64-bit integer, then UTF-8.</summary>
    String,

    /// <summary>Type of the elements, their number as 64-bit integer, the elements.</summary>
    Array,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,

    /// <summary>Signed 64-bit integer.</summary>
    Int64,

    /// <summary>binary64.</summary>
    Float64,
}

/// <summary>Sizes of <see cref="GgufValueType"/>.</summary>
internal static class GgufValueTypes
{
    /// <summary>Number of types.</summary>
    public const uint Count = 13;

    /// <summary>Bytes of a value; 0 for strings and arrays, whose values tell it themselves.</summary>
    public static int Bytes(this GgufValueType type) =>
        type switch
        {
            GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
            GgufValueType.UInt16 or GgufValueType.Int16 => 2,
            GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
            GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
            _ => 0,
        };

    /// <summary>The fewest bytes that a value takes in a file: an empty string, an empty array.</summary>
    public static int FewestBytes(this GgufValueType type) =>
        type switch
        {
            GgufValueType.String => 8,
            GgufValueType.Array => 12,
            _ => type.Bytes(),
        };
}
