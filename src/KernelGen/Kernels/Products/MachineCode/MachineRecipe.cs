using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>Which kernels a recipe has.</summary>
internal static class MachineRecipe<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>Index of the first kernel of VNNI, that of most vectors; the others follow. −1 if there are none.</summary>
    public static readonly int Vnni = Find(KernelEngine.Vnni);

    /// <summary>Index of the kernel of AMX, or −1.</summary>
    public static readonly int Amx = Find(KernelEngine.Amx);

    /// <summary>Names of the kernels.</summary>
    public static string[] Names => [.. new[] { Vnni, Amx }.Where(index => index >= 0).Select(index => KernelShape.All[index].Family)];

    /// <summary>How weights are stored.</summary>
    public static KernelCodes Codes =>
        TRecipe.Nibbles
            ? TRecipe.HasTable
                ? KernelCodes.Table
                : KernelCodes.Nibbles
            : TRecipe.Signed
                ? KernelCodes.SignedBytes
                : KernelCodes.Bytes;

    /// <summary>What becomes of a dot product.</summary>
    public static KernelRule Rule =>
        TRecipe.Signed ? KernelRule.Signed
        : TRecipe.Lowest == 0 ? KernelRule.Scaled
        : KernelRule.Corrected;

    /// <summary>The table as kernels load it.</summary>
    /// <param name="engine">Which kernels.</param>
    /// <param name="table">Receives 64 bytes.</param>
    public static void FillTable(KernelEngine engine, Span<byte> table)
    {
        if (!TRecipe.HasTable)
        {
            return;
        }
        byte bias = (byte)(TRecipe.Signed && engine == KernelEngine.Vnni ? 128 : 0); // vpdpbusd wants unsigned weights
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = (byte)(TRecipe.Table[i % TRecipe.Table.Length] ^ bias);
        }
    }

    private static int Find(KernelEngine engine)
    {
        for (int i = 0; i < KernelShape.All.Count && TRecipe.HasIntegers; i++)
        {
            KernelShape shape = KernelShape.All[i];
            bool fits = (shape.Engine, shape.Codes, shape.Rule, shape.Columns) == (engine, Codes, Rule, TRecipe.SliceColumns);
            if (fits)
            {
                return i;
            }
        }
        return -1;
    }
}
