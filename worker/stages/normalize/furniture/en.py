"""English."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
leave a reply | leave a comment | post a comment | add a comment | write a comment | join the conversation
join the discussion | please enter your comment | please enter your name here
your email address will not be published | cancel reply | required fields are marked
save my name, email, and website | comments are closed | be the first to comment | view comments | show comments
load comments | comment on this story | have your say | log in to leave a comment
you must be logged in to post a comment | please log in to comment | sign in to comment | reader comments
notify me of new posts | notify me of follow-up comments | you have entered an incorrect email address
please enter your email address here
""",
    related="""
related articles | related stories | related posts | related content | related news | related topics
related coverage | related links | related reading | related story | related article | related | more from
more stories | more news | more on this story | more on this topic | more like this | more to read
more headlines | most read | most popular | most viewed | most shared | most commented | trending | trending now
trending stories | popular stories | popular posts | popular now | recent posts | recent articles | latest news
latest stories | latest articles | latest posts | top stories | top news | editor's picks | editors' picks
editor’s picks | recommended | recommended for you | recommended stories | you may also like
you might also like | also on | up next | read next | what to read next | don't miss | don’t miss
in case you missed it | from our partners | around the web | from the web | promoted stories | paid content
keep reading | suggested reading | further reading | other stories | see also | also read | next article
previous article | next story | previous story | next post | previous post | must read | hot topics
in this story | explore more | you may like | more in
""",
    labels="""
read more | see also | also read | read also | related | read | watch | listen | more | must read | don't miss
recommended | explore | opinion | in pictures | analysis | explainer | read next | see more | in photos
trending
""",
    read_on="""
read the full story | read full story | read the full article | read full article
read the rest of this article | read the rest | continue reading | keep reading | read more | read more here
read the whole story | read the original article | view full article | full story | full article
read the complete article | continue reading the main story | read the story | read more at | read it here
click here to read more | read the full report | read the entire article | click to read more | see full article
go to full article
""",
    furniture="""
share | share this | share this article | share this story | share this post | share on | share on facebook
share on twitter | share on x | share on linkedin | share on whatsapp | share on reddit | share via email
share to facebook | share to twitter | share with | share article | tweet | tweet this | retweet | pin it | pin
email | email this | email article | e-mail | print | print article | print this | copy link | copy url
link copied | link copied to clipboard | bookmark | save | save article | save this story | gift article
gift this article | facebook | twitter | instagram | linkedin | whatsapp | telegram | reddit | pinterest
youtube | tiktok | flipboard | messenger | tumblr | mastodon | bluesky | threads | snapchat | google news
google+ | rss | rss feed | xing | viber | pocket | opens in new window | opens in a new tab | follow | follow us
follow us on | follow us on social media | like us on facebook | find us on | join us on | connect with us
stay connected | follow us on twitter | follow us on facebook | follow us on google news | follow on google news
add us on google | advertisement | advertisements | advertising | ad | ads | sponsored | sponsored content
sponsored by | promoted | story continues below | story continues below advertisement | article continues below
article continues below advertisement | continue reading below | article continues after advertisement
article continues after ad | advertisement - scroll to continue | scroll to continue | skip advertisement
skip ad | report this ad | report ad | remove ads | why this ad | paid post | partner content | advertorial
subscribe | subscribe now | subscribe today | subscribe to our newsletter | newsletter | newsletters
newsletter sign up | sign up | sign up now | sign up here | sign in | sign out | log in | login | log out
logout | register | register now | create account | create an account | create a free account | my account
your account | forgot password | forgot your password | remember me | password | username | user name
already a subscriber | already a member | already have an account | become a member | become a subscriber
membership | free trial | start your free trial | unlimited access | subscriber only | subscribers only
premium | get started | email address | enter your email | your email address | enter your email address
enter email | submit | first name | last name | no thanks | not now | maybe later | thank you for subscribing
thanks for signing up | unsubscribe at any time | support us | donate | donate now | make a donation
contribute | support our journalism | support independent journalism | accept | accept all | accept cookies
accept all cookies | reject all | reject | decline | manage cookies | cookie settings | cookie policy
cookie preferences | cookies policy | cookies | cookie notice | manage preferences | manage consent
privacy preferences | got it | i agree | i accept | we use cookies | this website uses cookies
this site uses cookies | learn more | find out more | more information | more info | privacy policy
privacy notice | privacy | privacy & cookies | terms | terms of use | terms of service | terms and conditions
terms & conditions | terms & privacy | do not sell my personal information
do not sell or share my personal information | your privacy choices | ad choices | adchoices
california privacy | accessibility | accessibility statement | legal notice | disclaimer | all rights reserved
copyright | code of ethics | editorial policy | corrections | correction policy | complaints | imprint
powered by | powered by wordpress | site map | sitemap | skip to content | skip to main content
skip to navigation | jump to content | menu | main menu | open menu | close menu | close | open | search
search for | search this site | toggle navigation | toggle menu | navigation | back to top | scroll to top | top
go back | back | next | previous | prev | home page | homepage | load more | show more | show less | see more
see all | view all | view more | more | expand | collapse | read less | go to top | table of contents | contents
contact | contact us | about | about us | about the author | about the authors | advertise | advertise with us
careers | jobs | help | help center | faq | faqs | feedback | send feedback | report an error
report a correction | report a typo | send us a tip | submit a tip | got a tip | work with us | write for us
our team | masthead | customer service | download the app | download our app | download app | get the app
get our app | app store | google play | available on | podcast | podcasts | listen to this article
listen to article | listen | listen now | watch now | watch live | play | pause | mute | unmute | play video
live | live tv | video | videos | photos | photo gallery | gallery | view gallery | view photos
view image in fullscreen | enlarge image | slideshow | image | image caption | media caption | image source
getty images | photo | file photo | hide caption | toggle caption | credit | min read | minute read
minutes read | mins read | reading time | read time | estimated reading time | time to read | minutes to read
last updated | last modified | updated | published | posted | first published | originally published | posted on
published on | date | posted in | filed under | filed in | tags | tagged | tagged with | topics | categories
category | in this article | keywords | labels | tag | comments | comment | no comments | reply | replies
likes | like | views | shares | upvote | downvote | rate this | votes | dislike | today's paper | e-paper
epaper | print edition | classifieds | obituaries | horoscope | horoscopes | crossword | puzzles | weather
breaking news | breaking | exclusive | just in | developing story | live updates | live blog | news alerts
get alerts | notifications | enable notifications | turn on notifications | allow notifications | dark mode
light mode | text size | font size | change language | select language | language | english | español | edition
us edition | uk edition | international edition | sign up for our newsletter | sign up for free
sign up for newsletters | get the newsletter | get our newsletter | our newsletter | daily newsletter
morning newsletter | view author archive | see all posts | view all posts by | more by this author
view profile | author | authors | staff writer | staff reporter | contributor | guest contributor
opens profile photo | the end | error | loading | please wait | javascript is disabled
please enable javascript | your browser does not support | view comments | this is a paid advertisement
""",
    openers="""
sign up for our | sign up for the | sign up to our | sign up to receive | sign up to get | subscribe to our
subscribe to the | subscribe for | follow us on | follow us at | follow him on twitter | follow her on twitter
like us on | join our newsletter | join our telegram | join our whatsapp | get the latest news | get our free
get the best of | get breaking news | get unlimited access | get more stories | stay up to date with
stay up-to-date with | click here to | click here for | tap here to | download our app | download the app
already a subscriber | have a news tip | do you have a story | got a news tip | this site uses cookies
this website uses cookies | we use cookies | by clicking | by signing up | by subscribing | by continuing to
by submitting | by registering | by using this site | enter your email | your email address will
your subscription | this site is protected by recaptcha | all rights reserved | copyright © | © 20
view all posts | view this post on | see all posts by | more stories by | filed under: | posted in: | tags:
tagged: | topics: | categories: | reading time: | read time: | estimated read time | last updated:
last updated on | updated: | published: | posted: | posted on | published on | share this: | like this:
share via: | share: | image source: | image caption | media caption | watch: | listen: | video:
to comment on this | please enable | please log in | please sign in | log in to | sign in to | support our
help us keep | we rely on readers | a version of this article appears in print | this article was amended
for more information, visit | register for free | register to | create a free account | unlock this article
enjoy unlimited | you have reached your | you've reached your | you have read | you're all set
thanks for reading | thank you for reading | view image in fullscreen | related: | more on: | open in app
read in app | advertise with | report this | if you enjoyed this | you must be logged in | notify me of
save my name | comments are moderated | this comment has been | skip to
read more about: | more about:
""",
    navigation="""
home | news | world | politics | business | sports | sport | opinion | opinions | editorial | editorials
culture | arts | entertainment | lifestyle | life | style | health | science | technology | tech | travel | food
environment | climate | education | economy | finance | money | markets | local | national | international
global | us | u.s. | uk | europe | asia | africa | americas | latin america | middle east | australia | football
soccer | cricket | tennis | golf | rugby | nfl | nba | mlb | nhl | celebrity | movies | music | tv | books
fashion | beauty | games | gaming | cars | motoring | real estate | property | investigations | features
columnists | letters | blogs | multimedia | events | shop | store | deals | crime | courts | government
military | religion | weather | archive | archives | latest | all | topics | regions | country | countries
reviews | guides | resources | products | services | company | blog | press | partners | community | forum
family | parenting | recipes | magazine
""",
    home="home | homepage | front page | main page",
    counted="""
comment | comments | share | shares | view | views | like | likes | reply | replies | retweets | votes | reads
followers | reactions | min read | minute read | mins read
""",
    bylines="by | written by | reported by | story by | reporting by | text by | words by | authored by | posted by",
    dates="""
published | updated | posted | last updated | last modified | first published | modified | date | created | on
publication date
""",
)
