namespace KernelGen.Scaling.Tests;

/// <summary>The three matrices of measured capacity that were published, as printed.</summary>
public static class PublishedMatrices
{
    public const string Sparsity = """
        weights\activations,0,.2,.4,.6,.8
        0,1.00,.76,.50,.32,.19
        .2,.84,.64,.42,.27,.17
        .4,.65,.49,.34,.22,.15
        .6,.47,.36,.25,.16,.12
        .8,.27,.21,.16,.12,.08
        """;

    public const string Bits = """
        weights\activations,1,2,3,4,16
        1,.09,.15,.19,.20,.21
        2,.15,.30,.40,.45,.45
        3,.19,.42,.62,.70,.74
        4,.20,.46,.72,.85,.90
        16,.21,.48,.76,.91,1.00
        """;

    public const string BitsBySparsity = """
        bits\sparsity,0,.1,.2,.3,.4,.5,.6,.7,.8,.9
        2,.05,.09,.14,.13,.13,.08,.08,.09,.06,.02
        3,.58,.52,.48,.46,.44,.42,.38,.35,.30,.24
        4,.85,.81,.77,.72,.67,.62,.56,.49,.41,.31
        8,1.00,.95,.89,.84,.78,.71,.64,.56,.47,.35
        16,1.00,.95,.89,.84,.78,.72,.64,.56,.47,.35
        """;

    public static CapacityMatrix Read(string text) => CapacityMatrix.ReadCsv(new StringReader(text), "matrix.csv");
}
