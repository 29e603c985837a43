// The words a format is declared with. The generator compiles this file too (it cannot reference the
// runtime), in its own namespace; the numeric values are what it reads from attribute arguments.
#if KERNELGEN_GENERATOR
namespace KernelGen.Generators.Model;

#else
namespace KernelGen;

#endif

/// <summary>Which integers the codes of an <c>IntElement</c> stand for. <c>b</c> is the number of bits.</summary>
public enum IntLevels
{
    /// <summary>−q … q with q = 2^(b−1) − 1: zero is a level, one code is unused. Two bits or more.</summary>
    Symmetric = 0,

    /// <summary>±½, ±1½, … ±(2^(b−1) − ½): 2^b levels, none of them zero.</summary>
    Midrise = 1,

    /// <summary>−2^(b−1) … 2^(b−1) − 1: the full two's-complement range.</summary>
    TwosComplement = 2,

    /// <summary>0 … 2^b − 1: for formats with an <c>Offset</c>.</summary>
    Unsigned = 3,
}

/// <summary>How the integer of a code is written in its bits.</summary>
public enum IntCode
{
    /// <summary>Offset binary: the code is the level's rank, so code 0 is the most negative level.</summary>
    Offset = 0,

    /// <summary>Two's complement: code 0 is the level 0.</summary>
    TwosComplement = 1,
}

/// <summary>Which codes of a small float are not numbers.</summary>
public enum FloatSpecials
{
    /// <summary>Every code is a finite number (OCP E2M1, E2M3, E3M2).</summary>
    None = 0,

    /// <summary>Only the all-ones magnitude is NaN, there is no infinity (OCP E4M3).</summary>
    NanOnly = 1,

    /// <summary>The highest exponent holds infinity and NaNs (IEEE 754; E5M2, binary16, bfloat16).</summary>
    Ieee = 2,
}

/// <summary>What happens to a value exactly half-way between two levels.</summary>
public enum TieRule
{
    /// <summary>To the level with the even code (round half to even, IEEE 754).</summary>
    Even = 0,

    /// <summary>To the level of smaller magnitude.</summary>
    TowardZero = 1,

    /// <summary>To the level of larger magnitude, as C's <c>roundf</c> does.</summary>
    AwayFromZero = 2,

    /// <summary>To the higher level: the code is <c>trunc(x / scale + zero + ½)</c>, evaluated in float32.</summary>
    Up = 3,
}

/// <summary>How ternary elements are written in bytes.</summary>
public enum TernaryCode
{
    /// <summary>Five elements in a byte as digits of base 3, the first most significant: 1.6 bits each (ggml TQ1_0).</summary>
    Base3 = 0,

    /// <summary>Four elements in a byte, from its low bits up, each plus one: 2 bits each (ggml TQ2_0).</summary>
    Pairs = 1,

    /// <summary>As <see cref="Pairs"/>, but neighbouring elements share a byte and there are no planes (ggml Q2_0).</summary>
    NeighbourPairs = 2,
}

/// <summary>The type a scale or an offset is stored in.</summary>
public enum ScaleType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 0,

    /// <summary>IEEE 754 binary16; larger scales saturate at 65504, smaller than 2^-25 flush to zero.</summary>
    Float16 = 1,

    /// <summary>bfloat16, rounded to nearest even.</summary>
    BFloat16 = 2,

    /// <summary>OCP E8M0: a power of two from 2^-127 to 2^127, 0xFF is NaN. No zero, no sign.</summary>
    E8M0 = 3,

    /// <summary>OCP E4M3: largest 448, smallest 2^-9, rounded to nearest even.</summary>
    E4M3 = 4,

    /// <summary>
    /// The unsigned E4M3 of ggml's NVFP4 blocks: half-up rounding on the first dropped bit, every value of 256
    /// or more is stored as 448, code 0x7F decodes to zero.
    /// </summary>
    UE4M3 = 5,

    /// <summary>An integer 0 … 15 that a <c>SuperScale</c> multiplies.</summary>
    UInt4 = 6,

    /// <summary>An integer 0 … 63 that a <c>SuperScale</c> multiplies.</summary>
    UInt6 = 7,

    /// <summary>An integer 0 … 255 that a <c>SuperScale</c> multiplies.</summary>
    UInt8 = 8,

    /// <summary>An integer −32 … 31 that a <c>SuperScale</c> multiplies; stored with 32 added.</summary>
    Int6 = 9,

    /// <summary>An integer −128 … 127 that a <c>SuperScale</c> multiplies; stored in two's complement.</summary>
    Int8 = 10,
}

/// <summary>
/// How the integer group scales of a super-block share bytes: all scales, followed by all offsets, are one list of entries.
/// </summary>
public enum SubScaleOrder
{
    /// <summary>
    /// Like code planes in <see cref="CodeOrder.Split"/> order over the list: a byte each for entries of 8 bits; nibbles for
    /// entries of 4 bits; for entries of 6 bits their low nibbles and then their upper pairs (ggml's Q2_K, Q3_K, Q6_K).
    /// </summary>
    Split = 0,

    /// <summary>
    /// Neighbouring entries share a byte, the first in the low bits; of 6 bits, the upper pairs come first (ggml's IQ4_XS).
    /// </summary>
    Neighbours = 1,

    /// <summary>
    /// For scales and offsets of 6 bits: the entries of the first half of the groups whole in the low bits of a byte each,
    /// scales before offsets; then the low nibbles of the second half, a scale and an offset to a byte. The upper pairs of
    /// the second half fill the tops of the first bytes (ggml's Q4_K and Q5_K).
    /// </summary>
    Folded = 2,
}

/// <summary>How a scale is chosen from the values it covers. <c>top</c> is the largest level of the element.</summary>
public enum ScaleRule
{
    /// <summary>scale = max|x| / top. With an <c>Offset</c>: scale = (max − min) / (highest − lowest level).</summary>
    AbsMax = 0,

    /// <summary>
    /// scale = x* / lowest level, where x* is the first value of largest magnitude, with its sign: the scale may be
    /// negative, so that the one extra level of a two's-complement range is always used (ggml Q4_0, Q5_0).
    /// </summary>
    SignedMax = 1,

    /// <summary>OCP MX v1.0 §6.3: scale = 2^(floor(log2 max|x|) − floor(log2 top)); the largest values may saturate.</summary>
    MxFloor = 2,

    /// <summary>scale = 2^ceil(log2(max|x| / top)): nothing saturates.</summary>
    MxCeiling = 3,

    /// <summary>
    /// Of a fixed ladder of shrunk AbsMax scales, the one with the smallest squared error over the group, weighted where packing is
    /// given the importance of columns (<c>ColumnImportance</c>).
    /// </summary>
    MinimiseError = 4,

    /// <summary>
    /// scale = RMS(x) · m, where m is the multiple that is optimal for Gaussian values; the generator computes m
    /// for the declared element by exact integration.
    /// </summary>
    GaussianOptimal = 5,

    /// <summary>
    /// Codes chosen under the SignedMax scale, then one least-squares refit of the scale with weights x²
    /// (ggml IQ4_NL).
    /// </summary>
    SignedMaxRefit = 6,
}

/// <summary>Which form of the scale divides the values when codes are chosen.</summary>
public enum ScaleUse
{
    /// <summary>The scale as it is stored, so that rounding of the scale is made good by the codes.</summary>
    Stored = 0,

    /// <summary>The scale before rounding to its type, as ggml does.</summary>
    Unrounded = 1,
}

/// <summary>Where the codes of one plane sit in its bytes.</summary>
public enum CodeOrder
{
    /// <summary>
    /// Byte j holds elements j, j + s, j + 2s … from its low bits up, where s is the number of bytes of the plane:
    /// a vector load gives neighbouring elements in neighbouring lanes (ggml's order of nibbles).
    /// </summary>
    Split = 0,

    /// <summary>Neighbouring elements share a byte, the first in the low bits.</summary>
    LowFirst = 1,

    /// <summary>Neighbouring elements share a byte, the first in the high bits (bitsandbytes' order of nibbles).</summary>
    HighFirst = 2,
}

/// <summary>How the places that N:M sparsity keeps are stored.</summary>
public enum SparseIndex
{
    /// <summary>The number of the pattern: ⌈log2 C(m, n)⌉ bits for m weights (3 for 2:4).</summary>
    Combinatorial = 0,

    /// <summary>Two bits per kept weight, as sparse tensor cores read them: a nibble per 2:4, or per 4:8 by pairs.</summary>
    TwoBit = 1,
}

/// <summary>Where the largest weights are looked for.</summary>
public enum SelectionScope
{
    /// <summary>
    /// In whole rows, wherever they lie. Their places are stored in front of a row's blocks; rows keep one size, so that each can
    /// be found, but a block can no longer be read without that.
    /// </summary>
    Row = 0,

    /// <summary>
    /// In every block by itself, equally many in each, so that blocks are complete; the price is a few per cent of the error.
    /// </summary>
    Block = 1,
}

/// <summary>A part of a stored block.</summary>
public enum BlockField
{
    /// <summary>The scales, one per group; under a super-scale also the offsets, which share bytes with them.</summary>
    Scale = 0,

    /// <summary>The offsets, one per group.</summary>
    Offset = 1,

    /// <summary>The plane of whole bytes (codes of 8, 16 or 32 bits).</summary>
    Bytes = 2,

    /// <summary>The 4-bit plane: the low nibble of each code.</summary>
    Nibbles = 3,

    /// <summary>The 2-bit plane: the bits of each code above the nibble.</summary>
    Pairs = 4,

    /// <summary>The 1-bit plane: the highest bit of each code.</summary>
    Bits = 5,

    /// <summary>All codes of an element that codes whole blocks: trellises, vector codebooks, lattices, ternary, signs.</summary>
    Codes = 6,

    /// <summary>The scale of a super-block, which multiplies its integer group scales.</summary>
    SuperScale = 7,

    /// <summary>The scale of a super-block's integer group offsets.</summary>
    SuperOffset = 8,
}

/// <summary>What to generate kernels for.</summary>
[System.Flags]
public enum KernelTargets
{
    /// <summary>Pack, unpack, matvec and matmul in vector code.</summary>
    Cpu = 1,

    /// <summary>ILGPU kernels, where the compilation references ILGPU.</summary>
    Gpu = 2,
}
