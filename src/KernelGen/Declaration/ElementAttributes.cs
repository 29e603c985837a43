namespace KernelGen;

/// <summary>
/// Elements are integers: <c>[IntElement(4)]</c> stores −7 … 7 in 4 bits per weight, plus the scale of the group.
/// <see cref="Levels"/> chooses other integers of the same bits, such as 0 … 15 under an <see cref="OffsetAttribute"/>.
/// </summary>
/// <param name="bits">Bits of a code, 1 to 8.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class IntElementAttribute(int bits) : Attribute
{
    /// <summary>Bits of a code, 1 to 8.</summary>
    public int Bits { get; } = bits;

    /// <summary>Which integers the codes stand for. Default: symmetric around zero.</summary>
    public IntLevels Levels { get; set; } = IntLevels.Symmetric;

    /// <summary>How a code is written in its bits. Default: offset binary.</summary>
    public IntCode Code { get; set; } = IntCode.Offset;

    /// <summary>What happens half-way between two levels. Default: to the even one.</summary>
    public TieRule Ties { get; set; } = TieRule.Even;

    /// <summary>The levels are the integers times 2^−FractionBits (6 for OCP MXINT8). Default 0.</summary>
    public int FractionBits { get; set; }
}

/// <summary>
/// Elements are small floats with a sign, in 1 + exponent + mantissa bits per weight: <c>[FloatElement(2, 1)]</c> is E2M1 of FP4, with the
/// levels 0, ½, 1, 1½, 2, 3, 4, 6. A code is (−1)^s · 2^(e−bias) · (1 + m/2^M), subnormals on, bias = 2^(E−1) − 1 unless set.
/// 2 to 8 bits in all, or exactly binary16 (5,10), bfloat16 (8,7) and binary32 (8,23) with <see cref="FloatSpecials.Ieee"/>.
/// </summary>
/// <param name="exponent">Exponent bits E, 1 to 8.</param>
/// <param name="mantissa">Mantissa bits M, 0 to 23.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class FloatElementAttribute(int exponent, int mantissa) : Attribute
{
    /// <summary>Exponent bits.</summary>
    public int Exponent { get; } = exponent;

    /// <summary>Mantissa bits, without the implicit one.</summary>
    public int Mantissa { get; } = mantissa;

    /// <summary>Which codes are not numbers. Default: none.</summary>
    public FloatSpecials Specials { get; set; } = FloatSpecials.None;

    /// <summary>Exponent bias; 0 (the default) means 2^(E−1) − 1, with a floor of 1 for one exponent bit.</summary>
    public int Bias { get; set; }

    /// <summary>What happens half-way between two levels. Default: to the even code.</summary>
    public TieRule Ties { get; set; } = TieRule.Even;

    /// <summary>Whether packing may write the code of −0. Default: yes. ggml's FP4 blocks never hold it.</summary>
    public bool NegativeZero { get; set; } = true;
}

/// <summary>
/// Elements are entries of a list of 2 to 256 values, in any order and of any sign; the code is the index, ⌈log₂ count⌉ bits
/// per weight. <c>[Codebook(-1.5f, -0.45f, 0.45f, 1.5f)]</c> is 2 bits per weight, plus the scale of the group.
/// </summary>
/// <param name="values">Distinct finite numbers in units of the scale; AbsMax maps their largest magnitude to that of the group.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class CodebookAttribute(params float[] values) : Attribute
{
    /// <summary>The values, by code.</summary>
    public float[] Values { get; } = values;
}
