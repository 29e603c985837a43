namespace KernelGen.Models;

/// <summary>Element types of safetensors files, named as in the file's header.</summary>
public enum SafetensorsDtype
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>OCP E2M1, two in a byte.</summary>
    F4,

    /// <summary>OCP E2M3, four in three bytes.</summary>
    F6E2M3,

    /// <summary>OCP E3M2, four in three bytes.</summary>
    F6E3M2,

    /// <summary>Unsigned byte.</summary>
    U8,

    /// <summary>Signed byte.</summary>
    I8,

    /// <summary>OCP E5M2: the upper byte of a binary16.</summary>
    F8E5M2,

    /// <summary>OCP E4M3: no infinity, one NaN, largest 448.</summary>
    F8E4M3,

    /// <summary>OCP E8M0: a power of two.</summary>
    F8E8M0,

    /// <summary>E4M3 with bias 8 and no negative zero.</summary>
    F8E4M3Fnuz,

    /// <summary>E5M2 with bias 16 and no negative zero.</summary>
    F8E5M2Fnuz,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>Complex number of two binary32.</summary>
    C64,

    /// <summary>IEEE 754 binary64.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
}
