"""Names as they are heard in an English waiting room: data, and nothing but data."""

from __future__ import annotations

from typing import NamedTuple

Generations = tuple[tuple[int, tuple[str, ...]], ...]
"""Forenames, each group with the first year of birth in which it is no longer given."""


class Community(NamedTuple):
    """Names that go together. `share` is per thousand patients; women's surnames differ in some languages."""

    share: int
    women: Generations
    men: Generations
    surnames: tuple[str, ...]
    women_surnames: tuple[str, ...] = ()


def _names(text: str) -> tuple[str, ...]:
    """Names separated by commas."""
    return tuple(name.strip() for name in text.split(","))


def _at_any_time(text: str) -> Generations:
    """Forenames that do not go by generation."""
    return ((9999, _names(text)),)


# English forenames go by generation: nobody born in 1938 is called Jayden.
_ENGLISH_WOMEN: Generations = (
    (1955, _names("""
        Beryl, Doreen, Edna, Joan, Margaret, Jean, Sheila, Barbara, Patricia, Dorothy, Maureen, Brenda, Audrey,
        Hilda, Marjorie, Pamela, Rita, Sylvia, Vera, Winifred, Eileen, Gwendoline, Iris, Kathleen, Mary, Olive""")),
    (1990, _names("""
        Susan, Linda, Christine, Julie, Karen, Tracey, Deborah, Alison, Sarah, Nicola, Joanne, Michelle, Claire,
        Lisa, Samantha, Emma, Rachel, Helen, Amanda, Louise, Rebecca, Gillian, Wendy, Mandy, Kerry, Zoë""")),
    (9999, _names("""
        Olivia, Amelia, Isla, Ava, Emily, Ella, Grace, Poppy, Charlotte, Jessica, Lily, Sophie, Chloe, Megan, Evie,
        Daisy, Freya, Ruby, Millie, Phoebe, Florence, Alice, Holly, Imogen, Scarlett, Anna-Mae""")),
)  # fmt: skip
_ENGLISH_MEN: Generations = (
    (1955, _names("""
        Albert, Arthur, Bernard, Cyril, Dennis, Derek, Donald, Eric, Ernest, Frank, Frederick, George, Gordon,
        Harold, Kenneth, Leonard, Norman, Raymond, Reginald, Ronald, Roy, Sidney, Stanley, Walter, Wilfred""")),
    (1990, _names("""
        David, Stephen, Paul, Mark, Andrew, Peter, Ian, Kevin, Gary, Nigel, Keith, Simon, Richard, Christopher,
        Jonathan, Darren, Lee, Wayne, Stuart, Adrian, Martin, Neil, Graham, Philip, Jason, Matthew""")),
    (9999, _names("""
        Oliver, Jack, Harry, Charlie, Thomas, Joshua, Alfie, Jacob, Noah, Archie, Leo, Freddie, Daniel, Samuel,
        Joseph, Max, Lucas, Ethan, Tyler, Callum, Jayden, Kieran, Nathan, Toby, Louis, Jean-Paul""")),
)  # fmt: skip

COMMUNITIES = (
    Community(
        640,
        _ENGLISH_WOMEN,
        _ENGLISH_MEN,
        _names("""
            Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Wright, Walker, Robinson, Thompson,
            White, Hughes, Edwards, Green, Hall, Wood, Harris, Lewis, Martin, Jackson, Clarke, Clark,
            Turner, Hill, Cooper, Ward, Moore, King, Baker, Harrison, Allen, Lee, Cook, Bennett, Carter,
            Parker, Shaw, Cox, Richardson, Young, Bailey, Marshall, Simpson, Adams, Mitchell, Webb, Rogers,
            Palmer, Mills, Barker, Chapman, Knight, Ellis, Foster, Wilkinson, Matthews, Holmes, Gibson,
            Butler, Barnes, Fisher, Hunt, Dixon, Fletcher, Pearson, Elliott, Andrews, Ford, West, Day, Cole,
            Spencer, Hart, Woods, Reynolds, Gardner, Lawrence, Harvey, Nicholls, Stone, Burton, Fox, Newton,
            Hudson, Dean, Field, Booth, Atkinson, Ashworth, Arkwright, Birtwistle, Braithwaite, Clegg,
            Entwistle, Hargreaves, Higginbottom, Ogden, Ramsbottom, Sutcliffe, Trelawney, Penhaligon,
            Pascoe, Winterbottom, Featherstonehaugh, Cholmondeley, Throckmorton, St John, Le Fevre, D'Arcy,
            O'Dell, Micklethwaite, Shufflebottom, Bartholomew, Wolstenholme, Satterthwaite, Ng-Thompson,
            Smith-Jones, Carter-Brown, Hale, Pike, Poole, Frost, Sharp, Bird, Long, Cross, Nash, Rowe, Kirk,
            May, Bull"""),
    ),
    Community(
        55,
        _at_any_time("Fiona, Morag, Eilidh, Catriona, Kirsty, Ailsa, Mairi, Shona, Isobel, Rhona"),
        _at_any_time("Alasdair, Hamish, Angus, Fergus, Duncan, Ewan, Craig, Iain, Malcolm, Rory"),
        _names("""
            MacDonald, Campbell, Stewart, Robertson, Murray, Fraser, Ross, Cameron, McKenzie, Sinclair, Buchanan,
            Drummond, Farquharson, MacGillivray, McIntosh, Ferguson, Colquhoun, Menzies"""),
    ),
    Community(
        55,
        _at_any_time("Siobhán, Niamh, Aoife, Bridget, Caitríona, Deirdre, Gráinne, Maeve, Orla, Róisín, Sinéad, Nuala"),
        _at_any_time("Ciarán, Cormac, Declan, Dermot, Eoin, Liam, Niall, Pádraig, Ruairí, Seán, Brendan, Fintan"),
        _names("""
            Murphy, Kelly, O'Sullivan, Walsh, O'Brien, Byrne, Ryan, O'Connor, O'Neill, O'Reilly, Doyle, McCarthy,
            Gallagher, Doherty, Kennedy, Lynch, Quinn, McLoughlin, O'Shaughnessy, Fitzgerald, Ní Dhomhnaill"""),
    ),
    Community(
        50,
        _at_any_time("Angharad, Bronwen, Carys, Cerys, Eirlys, Ffion, Gwenllian, Lowri, Megan, Nerys, Rhiannon, Siân"),
        _at_any_time("Aled, Alun, Dafydd, Emrys, Gareth, Geraint, Gethin, Huw, Idris, Ieuan, Llewelyn, Rhodri"),
        _names("""
            Davies, Evans, Thomas, Roberts, Griffiths, Morgan, Owen, Price, Rees, Lloyd, Powell, Llewellyn, Pugh,
            Bevan, Prosser, Gwynne-Jones, Pritchard, Vaughan"""),
    ),
    Community(
        95,
        _at_any_time("""
            Aisha, Ananya, Deepa, Fatima, Gurpreet, Harleen, Jaspreet, Khadija, Lakshmi, Mariam, Meena, Nasreen,
            Priya, Rukhsana, Saira, Shabnam, Sunita, Tahira, Yasmin, Zainab"""),
        _at_any_time("""
            Abdul, Ahmed, Amit, Arjun, Bilal, Faisal, Gurdeep, Harpreet, Imran, Jaswinder, Kamran, Mohammed, Nikhil,
            Pradeep, Rajesh, Sanjay, Tariq, Vikram, Waqar, Yusuf"""),
        _names("""
            Patel, Khan, Hussain, Ahmed, Ali, Shah, Begum, Akhtar, Iqbal, Mahmood, Chowdhury, Rahman, Sharma, Gupta,
            Desai, Mehta, Chatterjee, Mukhopadhyay, Venkataraman, Krishnamurthy, Gill, Sandhu, Dhillon, Singh, Miah,
            Uddin, Fernando, Jayawardena, Subramaniam"""),
    ),
    Community(
        30,
        _at_any_time("Abimbola, Adaeze, Akosua, Amina, Chiamaka, Folake, Ngozi, Nokuthula, Temitope, Wanjiru, Yetunde"),
        _at_any_time("Adebayo, Babatunde, Chidi, Emeka, Kofi, Kwame, Olusegun, Oluwaseun, Sipho, Tendai, Thabo"),
        _names("""
            Okafor, Adeyemi, Okonkwo, Mensah, Boateng, Owusu, Nwosu, Balogun, Oyelaran, Ogunbanjo, Moyo, Ndlovu,
            Kamau, Abdi, Tesfaye, Oluwatosin-Adebisi"""),
    ),
    Community(
        20,
        _at_any_time("Beverley, Cordelia, Delroya, Gloria, Hyacinth, Icilda, Marcia, Merlene, Sonia, Yvonne"),
        _at_any_time("Clive, Delroy, Desmond, Errol, Everton, Leroy, Linford, Lloyd, Neville, Winston"),
        _names("Brown, Campbell, Clarke, Francis, Grant, Gordon, Joseph, Lindo, Morrison, Pierre, St Hilaire, Reid"),
    ),
    Community(
        25,
        _at_any_time("Agnieszka, Anna, Beata, Ewa, Joanna, Katarzyna, Małgorzata, Monika, Wioletta, Zofia"),
        _at_any_time("Grzegorz, Jakub, Krzysztof, Łukasz, Marcin, Paweł, Piotr, Przemysław, Tomasz, Wojciech"),
        _names("""
            Kowalski, Wiśniewski, Wójcik, Kowalczyk, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak, Dąbrowski,
            Szczepański, Brzęczyszczykiewicz"""),
        _names("""
            Kowalska, Wiśniewska, Wójcik, Kowalczyk, Kamińska, Lewandowska, Zielińska, Szymańska, Woźniak, Dąbrowska,
            Szczepańska, Brzęczyszczykiewicz"""),
    ),
    Community(
        15,
        _at_any_time("Ioana, Elena, Mihaela, Svetlana, Milda, Ana, Inês, Zeynep, Ayşe, Françoise"),
        _at_any_time("Andrei, Bogdan, Jonas, Tomáš, João, Mehmet, Özgür, Jürgen, François, Dimitrios"),
        _names("""
            Popescu, Ionescu, Kazlauskas, Novák, Silva, Fernandes, Yılmaz, Öztürk, Papadopoulos, Müller, García,
            Nguyễn, Šimkus, Rossi"""),
    ),
    Community(
        15,
        _at_any_time("Mei, Li, Xiaoling, Hui, Yan, Ka-Yan, Siew Ling, Mei-Ling"),
        _at_any_time("Wei, Jun, Chi-Ming, Ho, Kwok-Wai, Jian, Ming, Tsz Hin"),
        _names("Chan, Wong, Li, Wang, Zhang, Cheung, Lam, Ng, Ho, Au-Yeung, Xu, Tan"),
    ),
)  # fmt: skip
