namespace KernelGen.Generators.Model;

/// <summary>An element whose codes do not stand for one weight each; coded block by block in units of a group scale.</summary>
/// <param name="Bits">Bits of the codes per weight, rounded down.</param>
internal abstract record BlockElementModel(int Bits) : ElementModel(Bits)
{
    /// <summary>Name of the attribute, for messages and stages.</summary>
    public abstract string Attribute { get; }
}

internal sealed record TrellisElementModel(double Rate, int States, int Refinements) : BlockElementModel((int)Rate)
{
    public override string Attribute => "Trellis";

    /// <summary>Bits per 16 weights; whole for legal rates.</summary>
    public int BitsPer16 => (int)(Rate * 16);

    /// <summary>Bits of a state, rounded down.</summary>
    public int StateBits => BitCount.Of(States);
}

internal sealed record VectorElementModel(int Dimension, int Entries) : BlockElementModel(BitCount.Of(Entries) / Math.Max(1, Dimension))
{
    public override string Attribute => "VectorCodebook";

    /// <summary>Bits of an index.</summary>
    public int IndexBits => BitCount.Of(Entries);
}

internal sealed record LatticeElementModel(int Bits) : BlockElementModel(Bits)
{
    public override string Attribute => "E8P";
}

internal sealed record TernaryElementModel(TernaryCode Code, EquatableArray<int> Planes)
    : BlockElementModel(Code == TernaryCode.Base3 ? 1 : 2)
{
    public override string Attribute => "TernaryElement";

    /// <summary>Elements that a byte can hold.</summary>
    public int PerByte => Code == TernaryCode.Base3 ? 5 : 4;
}

internal sealed record SignElementModel() : BlockElementModel(1)
{
    public override string Attribute => "SignElement";
}

internal static class BitCount
{
    /// <summary>⌊log₂⌋ of a number of codes; 0 below 1.</summary>
    public static int Of(int count)
    {
        int bits = 0;
        while (count >> bits > 1)
        {
            bits++;
        }
        return bits;
    }
}
