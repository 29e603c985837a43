namespace KernelGen.Models;

/// <summary>What a packed file says about one packed tensor, besides its bytes.</summary>
/// <param name="Format">Name of the format.</param>
/// <param name="Rows">Rows of the matrix that was packed.</param>
/// <param name="Columns">Its columns, the contracted axis.</param>
/// <param name="Shape">The tensor's own shape; as many values as the matrix.</param>
public sealed record PackedTensor(string Format, int Rows, int Columns, IReadOnlyList<long> Shape);
