namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>The instructions that a kernel multiplies with.</summary>
internal enum KernelEngine
{
    /// <summary><c>vpdpbusd</c> of 512 bits.</summary>
    Vnni,

    /// <summary>AMX tiles of bytes.</summary>
    Amx,
}

/// <summary>How weights are stored.</summary>
internal enum KernelCodes
{
    /// <summary>Two codes a byte; a code is the integer.</summary>
    Nibbles,

    /// <summary>Two codes a byte; a table of 16 has the integers.</summary>
    Table,

    /// <summary>Unsigned bytes.</summary>
    Bytes,

    /// <summary>Bytes in two's complement.</summary>
    SignedBytes,
}

/// <summary>What becomes of the integer dot product of a slice.</summary>
internal enum KernelRule
{
    /// <summary>sum + dot · (scale · activation): stored bytes are the integers.</summary>
    Scaled,

    /// <summary>sum + (dot · activation + correction) · scale: stored bytes are above a lowest integer.</summary>
    Corrected,

    /// <summary>
    /// As <see cref="Scaled"/>, of signed bytes: VNNI adds 128 to them and begins with a correction, AMX multiplies them as they are.
    /// </summary>
    Signed,
}

/// <summary>A kernel: what it depends on.</summary>
/// <param name="Engine">The instructions.</param>
/// <param name="Codes">How weights are stored.</param>
/// <param name="Rule">What becomes of a dot product.</param>
/// <param name="Columns">Columns of a slice, 32 or 16.</param>
/// <param name="Vectors">Activation vectors that it multiplies at once.</param>
internal readonly record struct KernelShape(KernelEngine Engine, KernelCodes Codes, KernelRule Rule, int Columns, int Vectors)
{
    /// <summary>Rows of a block of weights.</summary>
    public const int Rows = 16;

    /// <summary>Columns that share a scale of activations.</summary>
    public const int Group = 32;

    /// <summary>Vectors of an AMX kernel: rows of a tile.</summary>
    public const int AmxVectors = 16;

    /// <summary>Products of AMX whose tiles are on their way while others meet float32.</summary>
    public const int AmxAhead = 4;

    /// <summary>Vectors that the kernels of VNNI multiply at once, most first.</summary>
    public static ReadOnlySpan<int> VnniVectors => [8, 4, 2, 1];

    /// <summary>All kernels, in the order of the embedded code.</summary>
    public static IReadOnlyList<KernelShape> All { get; } = [.. List()];

    /// <summary>Whether two codes share a byte.</summary>
    public bool HasNibbles => Codes is KernelCodes.Nibbles or KernelCodes.Table;

    /// <summary>Bytes of 32 columns of 16 rows.</summary>
    public int GroupBytes => Rows * Group / (HasNibbles ? 2 : 1);

    /// <summary>The name of what the kernels of all numbers of vectors share.</summary>
    public string Family => $"{Engine}{Codes}{(Codes == KernelCodes.SignedBytes ? "" : Rule)}{Columns}";

    private static IEnumerable<KernelShape> List()
    {
        (KernelCodes, KernelRule)[] kinds =
        [
            (KernelCodes.Nibbles, KernelRule.Scaled),
            (KernelCodes.Nibbles, KernelRule.Corrected),
            (KernelCodes.Table, KernelRule.Corrected),
            (KernelCodes.Table, KernelRule.Signed),
            (KernelCodes.Bytes, KernelRule.Scaled),
            (KernelCodes.Bytes, KernelRule.Corrected),
            (KernelCodes.SignedBytes, KernelRule.Signed),
        ];
        foreach ((KernelCodes codes, KernelRule rule) in kinds)
        {
            foreach (int columns in new[] { 32, 16 })
            {
                foreach (int vectors in VnniVectors.ToArray())
                {
                    yield return new(KernelEngine.Vnni, codes, rule, columns, vectors);
                }
            }
        }
        foreach ((KernelCodes codes, KernelRule rule) in kinds)
        {
            foreach (int columns in new[] { 32, 16 })
            {
                yield return new(KernelEngine.Amx, codes, rule, columns, AmxVectors);
            }
        }
    }
}
